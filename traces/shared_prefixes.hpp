// Prefixes that requests of a synthetic workload share, such as the system prompts of applications.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/random_stream.hpp"
#include "workloads/arrival_stream.hpp"

namespace plimsoll {

/// A request begins with a shared prefix with probability `share`; which one follows Zipf's law: prefix k of `groups`
/// is drawn with a weight of k^-zipf.
struct SharedPrefixLaw {
  std::int64_t groups = 1;  ///< >= 1
  std::int32_t tokens =
      1;             ///< of every prefix, >= 1; they come before the drawn length of the prompt
  double share = 1;  ///< in [0, 1]
  double zipf = 1;   ///< >= 0; 0: all alike
};

class SharedPrefixes {
 public:
  /// How much of a prefix is found at a time; what is left of it over whole blocks is never found.
  static constexpr std::int32_t kBlockTokens = 128;
  /// The most blocks that all prefixes together may have: groups * tokens / kBlockTokens.
  static constexpr std::int64_t kMostBlocks = 100'000'000;

  /// `stream` draws for requests by their index.
  SharedPrefixes(const SharedPrefixLaw& law, const RandomStream& stream);

  /// Request `index` gets its prefix, if it has one.
  void apply(std::uint64_t index, Arrival& arrival) const;
  std::shared_ptr<const PrefixBlocks> blocks() const { return blocks_; }

 private:
  SharedPrefixLaw law_;
  RandomStream stream_;
  std::shared_ptr<const PrefixBlocks> blocks_;  ///< shared with whoever serves the requests
  std::vector<double> cumulative_;              ///< [k]: weight of the prefixes up to k
};

}  // namespace plimsoll
