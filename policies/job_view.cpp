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
  if (phase != JobPhase::running) return attained;
  const Duration ran = now - started_at;
  const std::int32_t gpus = held_gpus();
  if (gpus > 0 && ran > (Duration::max() - attained) / gpus) return Duration::max();
  return attained + gpus * ran;
}

}  // namespace plimsoll
