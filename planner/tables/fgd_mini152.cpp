#include "planner/tables/fgd_mini152.hpp"

#include <fmt/format.h>

#include <bit>

#include "planner/tables/fgd_experiment.hpp"
#include "planner/tables/fgd_study.hpp"
#include "traces/measurements/measurement_table.hpp"

namespace plimsoll {

namespace {

/// "0045-openb-node-1168 0-1"; nothing: not placed.
std::string where(const std::string& node, const std::string& gpus) {
  return node.empty() ? "" : node + " " + gpus;
}

std::string where(const Placement& placement, const ClusterView& view) {
  if (!placement.placed()) return "";
  const NodeShare& share = placement.shares.front();
  std::string gpus;
  for (unsigned left = share.devices; left != 0; left &= left - 1) {
    gpus += fmt::format("{}{}", gpus.empty() ? "" : "-", std::countr_zero(left));
  }
  return where(view.nodes().names()[share.node], gpus);
}

std::vector<std::string> read_placements(const std::string& file) {
  MeasurementTable table(file);
  const auto columns = table.columns({"node", "gpu_index"});
  std::vector<std::string> places;
  table.each_row([&] {
    places.push_back(
        where(std::string(table.text(columns[0])), std::string(table.text(columns[1]))));
  });
  return places;
}

struct MiniCluster {
  ClusterView idle;
  std::vector<ResourceRequest> pods;
  TypicalWorkersConfig typical;
};

std::optional<MiniCluster> read_cluster(const std::filesystem::path& folder) {
  const auto nodes = table_file(folder / "mini152", "nodes.csv");
  const auto pods = table_file(folder / "mini152", "pods_in_arrival_order.csv");
  const auto all_pods = table_file(folder, "openb_pod_list_default.csv");
  if (!nodes || !pods || !all_pods) return std::nullopt;
  MiniCluster cluster;
  cluster.idle = openb_cluster(read_openb_nodes(*nodes, "sim_name"));
  for (const OpenbPod& pod : read_openb_pods(*pods)) {
    cluster.pods.push_back(request_of(pod, cluster.idle.facts().gpu_kinds));
  }
  cluster.typical = typical_of(read_openb_pods(*all_pods));
  return cluster;
}

TableSlice compare(const MiniCluster& cluster, const StudyPolicy& policy, const std::string& file) {
  const std::vector<std::string> published = read_placements(file);
  if (published.size() != cluster.pods.size()) {
    throw ConfigError(Position{file, 0, 0}, fmt::format("{} placements of {} pods.",
                                                        published.size(), cluster.pods.size()));
  }
  TableSlice slice;
  slice.slice = fmt::format("{} mini152", policy.name);
  slice.quantity = "node and GPUs per pod";
  ClusterView view = cluster.idle;
  const PolicyRegistry registry = builtin_policies();
  const auto rule = make_rule(registry, policy, cluster.typical, 0);
  const Fragmentation fragmentation = fragmentation_for(cluster.typical, view);
  present_pods(view, *rule, fragmentation, cluster.pods, [&](const AfterPod& after) {
    const std::string& theirs = published[slice.compared++];
    slice.equal += where(after.placement, view) == theirs ? 1 : 0;
    slice.published += theirs.empty() ? 0 : 1;
    slice.ours += after.placement.placed() ? 1 : 0;
  });
  slice.worst = static_cast<double>(slice.compared - slice.equal);
  slice.published /= static_cast<double>(slice.compared);
  slice.ours /= static_cast<double>(slice.compared);
  return slice;
}

}  // namespace

void reproduce_mini152(const std::filesystem::path& folder, TableResult& result) {
  const std::optional<MiniCluster> cluster = read_cluster(folder);
  if (!cluster) {
    result.notes.emplace_back("mini152, or the pod list that makes its typical pods, is absent");
    return;
  }
  for (const StudyPolicy& policy : study_policies()) {
    if (policy.random) continue;
    const auto file = table_file(folder / "mini152", fmt::format("placements_{}.csv", policy.name));
    if (file) {
      result.slices.push_back(compare(*cluster, policy, *file));
    } else {
      result.notes.push_back(fmt::format("mini152: the placements of {} are absent", policy.name));
    }
  }
}

}  // namespace plimsoll
