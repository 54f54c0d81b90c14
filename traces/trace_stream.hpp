// A recorded trace as the arrivals of a run.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "workloads/arrival_stream.hpp"

namespace plimsoll {

class TraceStream final : public ArrivalStream {
 public:
  /// All clones of a stream, those in checkpoints and what-if branches, share the immutable arrivals and prefixes.
  explicit TraceStream(std::shared_ptr<const std::vector<Arrival>> arrivals,
                       std::shared_ptr<const PrefixBlocks> prefixes = nullptr);

  void next(std::vector<Arrival>& block) override;
  SimTime expected_end() const override;
  std::shared_ptr<const PrefixBlocks> prefix_blocks() const override { return prefixes_; }
  std::unique_ptr<ArrivalStream> clone() const override;

 private:
  std::shared_ptr<const std::vector<Arrival>> arrivals_;
  std::shared_ptr<const PrefixBlocks> prefixes_;
  std::size_t next_ = 0;
};

}  // namespace plimsoll
