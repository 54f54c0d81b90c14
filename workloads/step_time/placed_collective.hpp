// A collective among GPUs as they are placed: the calibration's measured knots where they are for the very group, the
// catalogue's law everywhere else.
#pragma once

#include <string>
#include <vector>

#include "hardware/topology/collective_cost.hpp"
#include "workloads/step_time/operator_laws.hpp"

namespace plimsoll {

/// us, for `bytes` of the message as CollectiveLaw and CollectiveFit count them. In one NVLink island, a law of the
/// operation among exactly as many GPUs answers; otherwise `fits` do, by the group's bandwidths. Without a fit of the
/// library's operation: a ring at the group's own bandwidth and the datasheet's latency. `operation` is a
/// CollectiveOperation's name (ConfigError otherwise).
double placed_collective_us(const std::string& operation, double bytes,
                            const CollectiveGroup& group, const std::vector<CollectiveLaw>& laws,
                            const CollectiveSpec& fits, const std::string& library = "nccl");

}  // namespace plimsoll
