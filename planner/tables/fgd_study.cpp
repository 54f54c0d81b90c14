#include "planner/tables/fgd_study.hpp"

#include <fmt/format.h>

#include <set>

#include "planner/in_parallel.hpp"

namespace plimsoll {

namespace {

/// What experiments share: they only read it.
struct Cluster {
  std::vector<OpenbNode> nodes;
  std::map<std::string, std::vector<OpenbPod>> pod_lists;
  PolicyRegistry policies = builtin_policies();
};

struct Experiment {
  const FgdOrder* order = nullptr;
  const StudyPolicy* policy = nullptr;

  FgdKey key() const { return {order->workload, policy->name, order->seed}; }
};

void check_rows(const std::vector<std::uint32_t>& rows, std::size_t size, const FgdOrder& order,
                const char* column) {
  for (const std::uint32_t row : rows) {
    if (row < size) continue;
    throw ConfigError(order.at,
                      fmt::format("{}: row {} of a list with {} rows.", column, row, size));
  }
}

void check(const FgdOrder& order, const Cluster& cluster) {
  check_rows(order.pods, cluster.pod_lists.at(order.workload).size(), order, "pod_row_order");
  if (order.node_prefixes.size() != cluster.nodes.size()) {
    throw ConfigError(order.at, fmt::format("node_name_prefix has {} numbers for {} nodes.",
                                            order.node_prefixes.size(), cluster.nodes.size()));
  }
}

FgdCurves run(const Experiment& experiment, const Cluster& cluster) {
  const FgdOrder& order = *experiment.order;
  const std::vector<OpenbPod>& pods = cluster.pod_lists.at(order.workload);
  ClusterView view = openb_cluster(renamed_nodes(cluster.nodes, order.node_prefixes));
  std::vector<ResourceRequest> requests;
  for (const std::uint32_t row : order.pods) {
    requests.push_back(request_of(pods[row], view.facts().gpu_kinds));
  }
  std::int64_t gpus = 0;
  for (const OpenbNode& node : cluster.nodes) gpus += node.gpus;
  const TypicalWorkersConfig typical = typical_of(pods);
  const auto rule = make_rule(cluster.policies, *experiment.policy, typical, order.seed);
  FgdCurveMaker curves(gpus);
  present_pods(view, *rule, fragmentation_for(typical, view), requests,
               [&](const AfterPod& after) { curves.add(after); });
  return curves.curves();
}

void read_published(const std::filesystem::path& folder, FgdStudy& study) {
  for (std::size_t which = 0; which < fgd_quantities().size(); ++which) {
    const std::string name = fgd_quantities()[which].file;
    const auto file = table_file(folder, name);
    if (!file) {
      study.notes.push_back(name + " is absent");
      continue;
    }
    for (const FgdRow& row : read_fgd_rows(*file)) {
      study.published[which][{row.workload, row.policy, row.seed}] = row.values;
    }
  }
}

/// Keeps of `wanted` what is not run.
std::vector<Experiment> experiments(const std::vector<FgdOrder>& orders, const Cluster& cluster,
                                    std::set<FgdKey>& wanted) {
  std::vector<Experiment> all;
  for (const FgdOrder& order : orders) {
    if (!cluster.pod_lists.contains(order.workload)) continue;
    check(order, cluster);
    for (const StudyPolicy& policy : study_policies()) {
      const Experiment experiment{&order, &policy};
      if (wanted.erase(experiment.key()) > 0) all.push_back(experiment);
    }
  }
  return all;
}

Cluster read_cluster(const std::filesystem::path& folder, const std::vector<FgdOrder>& orders) {
  Cluster cluster;
  cluster.nodes = read_openb_nodes((folder / "openb_node_list_gpu_node.csv").string());
  for (const FgdOrder& order : orders) {
    if (cluster.pod_lists.contains(order.workload)) continue;
    const auto file = table_file(folder, order.workload + ".csv");
    if (file) cluster.pod_lists[order.workload] = read_openb_pods(*file);
  }
  return cluster;
}

}  // namespace

const std::array<FgdQuantity, 3>& fgd_quantities() {
  static const std::array<FgdQuantity, 3> quantities{
      {{"frag_ratio, %", "analysis_frag_ratio_discrete.csv", &FgdCurves::ratio, 1e-6, true},
       {"frag, % of all GPUs", "analysis_frag_discrete.csv", &FgdCurves::lost, 0.005, false},
       {"allocation, %", "analysis_allo_discrete.csv", &FgdCurves::allocation, 0.01, false}}};
  return quantities;
}

std::optional<std::string> table_file(const std::filesystem::path& folder,
                                      const std::string& name) {
  std::error_code ignored;
  for (const std::string& candidate : {name + ".zst", name}) {
    const auto file = folder / candidate;
    if (std::filesystem::is_regular_file(file, ignored)) return file.string();
  }
  return std::nullopt;
}

FgdStudy run_fgd_study(const std::filesystem::path& folder, const TableContext& context) {
  FgdStudy study;
  read_published(folder, study);
  const auto order_file = table_file(folder, "arrival_order_and_node_perm.csv");
  if (!order_file) {
    study.notes.emplace_back("arrival_order_and_node_perm.csv is absent");
    return study;
  }
  const std::vector<FgdOrder> orders = read_fgd_orders(*order_file);
  const Cluster cluster = read_cluster(folder, orders);
  std::set<FgdKey> wanted;
  for (const auto& rows : study.published) {
    for (const auto& [key, curve] : rows) wanted.insert(key);
  }
  const std::vector<Experiment> all = experiments(orders, cluster, wanted);
  std::vector<FgdCurves> curves(all.size());
  in_parallel(all.size(), context.threads,
              [&](std::size_t i) { curves[i] = run(all[i], cluster); });
  for (std::size_t i = 0; i < all.size(); ++i) study.ours[all[i].key()] = curves[i];
  if (!wanted.empty()) {
    study.notes.push_back(
        fmt::format("{} rows left out: another policy, or no order of arrival or pod list for them",
                    wanted.size()));
  }
  return study;
}

}  // namespace plimsoll
