// The first node, in the order of names, that can take the worker.
#include "policies/highest_score.hpp"

namespace {

using namespace plimsoll;

class FirstFitScore {
 public:
  explicit FirstFitScore(const PolicyContext&) {}

  std::int32_t score(const NodeState&, const ResourceRequest&) const { return 0; }
};

using FirstFit = HighestScore<FirstFitScore>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(first_fit, FirstFit, "The first node by name that can take the worker.")
