// Requests as they come: when, how long the prompt is, how long the answer turns out to be.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/time.hpp"
#include "workloads/prefix_blocks.hpp"

namespace plimsoll {

/// One request of a workload. The output length is the truth: entities use it, policies never see it.
struct Arrival {
  SimTime at{};                    ///< when the gateway has the request, since the run's start
  std::int32_t prompt_tokens = 1;  ///< >= 1
  std::int32_t output_tokens = 1;  ///< >= 1
  PrefixSpan prefix{};             ///< of the stream's prefix_blocks()

  friend bool operator==(const Arrival&, const Arrival&) = default;
};

/// A source of requests in order of time. It never enters an event set: the engine reads it block by block.
class ArrivalStream {
 public:
  virtual ~ArrivalStream() = default;
  /// Replaces `block` by the next arrivals, in order of time; an empty block is the end.
  virtual void next(std::vector<Arrival>& block) = 0;
  /// About when the last request arrives, for showing progress; kNever when it cannot be told.
  virtual SimTime expected_end() const = 0;
  /// What the prefixes of its arrivals point into, for the whole run; null where they have none.
  virtual std::shared_ptr<const PrefixBlocks> prefix_blocks() const { return nullptr; }
  /// A copy that continues from the same place (checkpoint, what-if).
  virtual std::unique_ptr<ArrivalStream> clone() const = 0;
};

}  // namespace plimsoll
