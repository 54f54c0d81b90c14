#include "workloads/step_time/placed_collective.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "workloads/step_time/datasheet_laws.hpp"
#include "workloads/step_time/operator_times.hpp"

namespace plimsoll {
namespace {

/// Of a group that nobody measured: what leaves a node, or an island, sets the rate.
BytesPerSecond group_rate(const CollectiveGroup& group) {
  if (group.nodes == 1) return group.gpu_bandwidth;
  return group.gpu_bandwidth.count() > 0 && group.gpus_per_node > 1
             ? std::min(group.gpu_bandwidth, group.network)
             : group.network;
}

}  // namespace

double placed_collective_us(const std::string& operation, double bytes,
                            const CollectiveGroup& group, const std::vector<CollectiveLaw>& laws,
                            const CollectiveSpec& fits, const std::string& library) {
  CollectiveOperation what{};
  const std::string problem = parse_scalar(operation, what);
  if (!problem.empty()) throw ConfigError({}, fmt::format("collective {} {}.", operation, problem));
  if (group.gpus < 2) return 0;
  if (group.nodes == 1 && group.one_island)
    for (const CollectiveLaw& law : laws)
      if (law.operation == operation && law.gpus == group.gpus)
        return extended_us(law.time_us, bytes);
  const CollectiveFit* fit =
      nearest_fit(fits, library, what, std::min(group.gpus, group.gpus_per_node));
  if (fit == nullptr)
    return datasheet_collective_us(operation, group.gpus, bytes, group_rate(group));
  return collective_time(*fit, Bytes{std::llround(std::max(bytes, 1.0))}, group).us;
}

}  // namespace plimsoll
