// Placement of jobs: one experiment of the FGD study on the openb trace, and a decision on a large cluster.
//
//   PLIMSOLL_DATA=... bench_scheduling
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "planner/tables/fgd_curves.hpp"
#include "planner/tables/fgd_study.hpp"
#include "policies/node_share.hpp"

namespace {

using namespace plimsoll;

/// Reads the lists and places the pods of one order of arrival, about 10,900 on 1,213 nodes; the reading of all ninety
/// orders is left out.
void openb_experiment(benchmark::State& state, const char* study_policy) {
  const char* const data = std::getenv("PLIMSOLL_DATA");
  const auto folder = std::filesystem::path(data != nullptr ? data : "") / "fgd_openb";
  const auto order_file = table_file(folder, "arrival_order_and_node_perm.csv");
  if (!order_file) return state.SkipWithError("skipped: the openb trace ($PLIMSOLL_DATA)");
  const FgdOrder order = read_fgd_orders(*order_file).front();
  const auto policy = std::ranges::find_if(study_policies(), [&](const StudyPolicy& known) {
    return std::string_view(known.name) == study_policy;
  });
  const PolicyRegistry registry = builtin_policies();
  std::int64_t pods_seen = 0;
  for (auto _ : state) {
    const auto nodes = read_openb_nodes((folder / "openb_node_list_gpu_node.csv").string());
    const auto pods = read_openb_pods(*table_file(folder, order.workload + ".csv"));
    ClusterView view = openb_cluster(renamed_nodes(nodes, order.node_prefixes));
    std::vector<ResourceRequest> requests;
    for (const std::uint32_t row : order.pods) {
      requests.push_back(request_of(pods[row], view.facts().gpu_kinds));
    }
    const TypicalWorkersConfig typical = typical_of(pods);
    const auto rule = make_rule(registry, *policy, typical, order.seed);
    FgdCurveMaker curves(6212);
    present_pods(view, *rule, fragmentation_for(typical, view), requests,
                 [&](const AfterPod& after) { curves.add(after); });
    benchmark::DoNotOptimize(curves.curves());
    pods_seen += static_cast<std::int64_t>(requests.size());
  }
  state.counters["pods/s"] =
      benchmark::Counter(static_cast<double>(pods_seen), benchmark::Counter::kIsRate);
}

/// One gang of eight nodes placed and taken off again, on nodes of eight GPUs, half of them in use.
void gang_decision(benchmark::State& state, const char* name) {
  auto facts = std::make_shared<ClusterFacts>();
  facts->gpu_kinds = {"gpu"};
  facts->nodes.assign(static_cast<std::size_t>(state.range(0)),
                      {192'000, Bytes{std::int64_t{2} << 40}, 8, 0, {}});
  std::vector<std::string> names;
  for (std::int64_t row = 0; row < state.range(0); ++row) {
    names.push_back("n" + std::to_string(100'000 + row));
  }
  ClusterView view(names, facts);
  const PolicyRegistry registry = builtin_policies();
  const auto rule = registry.scheduling(name)->make_rule({1, "bench", &registry});
  JobView half;
  half.gang = {{1, {4000, Bytes{1 << 30}, 4}}};
  JobView job;
  job.gang = {{8, {32'000, Bytes{1 << 30}, 8}}};
  for (std::int64_t placed = 0; placed < state.range(0) / 2; ++placed) {
    for (const NodeShare& share : rule->place(view, half).shares) {
      view.nodes().update(share.node, [&](NodeRow& row) { take(row, share); });
    }
  }
  for (auto _ : state) {
    const Placement placement = rule->place(view, job);
    if (!placement.placed()) return state.SkipWithError("the gang found no place");
    for (const NodeShare& share : placement.shares) {
      view.nodes().update(share.node, [&](NodeRow& row) { take(row, share); });
    }
    for (const NodeShare& share : placement.shares) {
      view.nodes().update(share.node, [&](NodeRow& row) { give_back(row, share); });
    }
  }
}

BENCHMARK_CAPTURE(openb_experiment, fgd, "06-FGD")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(openb_experiment, best_fit, "05-BestFit")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(openb_experiment, random, "01-Random")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(gang_decision, best_fit, "best_fit")->Arg(12'500)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(gang_decision, least_allocated, "least_allocated")
    ->Arg(12'500)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
