#include "policies/job_view.hpp"

#include <bit>

namespace plimsoll {

std::int32_t JobView::gpus() const {
  std::int32_t gpus = 0;
  for (const SubGang& part : gang) gpus += part.workers * part.each.gpus;
  return gpus;
}

std::int32_t JobView::held_gpus() const {
  std::int32_t gpus = 0;
  for (const NodeShare& share : placement.shares) gpus += std::popcount(share.devices);
  return gpus;
}

Duration JobView::attained_until(SimTime now) const {
  return phase == JobPhase::running ? attained + held_gpus() * (now - started_at) : attained;
}

}  // namespace plimsoll
