#include "sim/lockstep.hpp"

#include <algorithm>

namespace plimsoll {
namespace {

bool slower(const IterationPlan& a, const IterationPlan& b) {
  return a.first != b.first ? a.first > b.first : a.slope > b.slope;
}

/// The first iteration in which `other`, which is faster now but grows more, takes as long as `slowest`.
std::int64_t meets(const IterationPlan& slowest, const IterationPlan& other) {
  const Ticks growth = other.slope - slowest.slope;
  return (slowest.first - other.first + growth - 1) / growth;
}

}  // namespace

IterationPlan in_lockstep(std::span<const IterationPlan> plans) {
  IterationPlan together;
  for (const IterationPlan& plan : plans) {
    if (plan.steps == 0) continue;
    const bool first = together.steps == 0;
    const std::int64_t steps = first ? plan.steps : std::min(together.steps, plan.steps);
    const bool prefills = together.prefills || plan.prefills;
    if (first || slower(plan, together)) together = plan;
    together.steps = steps;
    together.prefills = prefills;
  }
  for (const IterationPlan& plan : plans) {
    if (plan.steps == 0 || plan.slope <= together.slope) continue;
    together.steps = std::min(together.steps, meets(together, plan));
  }
  return together;
}

}  // namespace plimsoll
