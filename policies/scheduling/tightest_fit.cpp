// The node with the fewest free GPUs that can take the worker, the first name of several: whole nodes stay whole.
#include "policies/highest_score.hpp"

namespace {

using namespace plimsoll;

class TightestFitScore {
 public:
  explicit TightestFitScore(const PolicyContext&) {}

  std::int32_t score(const NodeState& node, const ResourceRequest&) const {
    return kMaxGpusPerNode * kWholeGpu - free_gpu_milli_sum(node);
  }
};

using TightestFit = HighestScore<TightestFitScore>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(
    tightest_fit, TightestFit,
    "The node with the fewest free GPUs that can take the worker, so that whole nodes stay whole.")
