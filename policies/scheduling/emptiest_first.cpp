// The node with the most free GPUs, the first name of several; a gang fills it before it
// goes on to the next, so that gangs hold few nodes and jobs keep apart.
#include "policies/highest_score.hpp"

namespace {

using namespace plimsoll;

class EmptiestFirstScore {
 public:
  explicit EmptiestFirstScore(const PolicyContext&) {}

  std::int32_t score(const NodeState& node, const ResourceRequest&) const {
    return free_gpu_milli_sum(node);
  }
  std::uint32_t choose(const WorkerPlaces& places, const WorkerSubject& subject) {
    if (subject.worker == 0 || !places.fits(filling_)) filling_ = places.best();
    return filling_;
  }

 private:
  std::uint32_t filling_ = 0;  ///< where the gang's last worker went
};

using EmptiestFirst = HighestScore<EmptiestFirstScore>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(
    emptiest_first, EmptiestFirst,
    "The node with the most free GPUs, filled before the next, so that gangs hold few nodes.")
