// A recorded trace as the arrivals of a run.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "workloads/arrival_stream.hpp"

namespace plimsoll {

class TraceStream final : public ArrivalStream {
 public:
  /// All clones of a stream, those in checkpoints and what-if branches, share the immutable arrivals.
  explicit TraceStream(std::shared_ptr<const std::vector<Arrival>> arrivals);

  void next(std::vector<Arrival>& block) override;
  SimTime expected_end() const override;
  std::unique_ptr<ArrivalStream> clone() const override;

 private:
  std::shared_ptr<const std::vector<Arrival>> arrivals_;
  std::size_t next_ = 0;
};

}  // namespace plimsoll
