// Which workers a cluster is asked for, and how often: the target workload of FGD, and of its fragmentation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config/fields.hpp"
#include "policies/job_view.hpp"

namespace plimsoll {

/// Workers that ask for the same; memory does not matter here.
struct WorkerCount {
  std::int64_t cpu_milli = 0;
  std::int32_t gpus = 0;
  std::int32_t gpu_milli = 0;  ///< of each GPU; 0 without GPUs
  GpuKinds gpu_kinds = kAnyGpuKind;
  std::int64_t count = 0;
};

/// One of the typical workers; weights sum to 1.
struct TypicalWorker {
  std::int64_t cpu_milli = 0;
  std::int32_t gpus = 0;
  std::int32_t gpu_milli = 0;
  GpuKinds gpu_kinds = kAnyGpuKind;
  double weight = 0;
};

/// A class of workers by the names of the GPU kinds that it accepts (none: any).
struct WorkerCountConfig {
  std::int64_t cpu_milli = 0;
  std::int32_t gpus = 0;
  std::int32_t gpu_milli = kWholeGpu;
  std::vector<std::string> gpu_kinds;
  std::int64_t count = 1;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("cpu_milli", &WorkerCountConfig::cpu_milli, "CPU that each asks for.",
          at_least(std::int64_t{0}));
    visit("gpus", &WorkerCountConfig::gpus, "GPUs that each asks for.", 0, kMaxGpusPerNode);
    visit("gpu_milli", &WorkerCountConfig::gpu_milli, "Thousandths of each of its GPUs.", 1,
          kWholeGpu);
    visit("gpu_kinds", &WorkerCountConfig::gpu_kinds, "GPUs that it accepts; none: any.");
    visit("count", &WorkerCountConfig::count, "How many such workers there were.", required,
          at_least(std::int64_t{1}));
  }
};

/// What is typical, as a setting.
struct TypicalWorkersConfig {
  std::vector<WorkerCountConfig> workers;
  double percent = 95;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("workers", &TypicalWorkersConfig::workers,
          "Classes of workers and how many there were; none: those of the jobs seen so far.");
    visit("percent", &TypicalWorkersConfig::percent,
          "Share of all workers that the typical classes make up.", 1.0, 100.0);
  }
};

/// The configured classes, in their order. Kinds that the cluster does not have are nowhere accepted.
std::vector<WorkerCount> counts_of(const TypicalWorkersConfig& config,
                                   const std::vector<std::string>& gpu_kinds);

/// The most frequent classes, the fewest that make up `percent` of all workers, with weights renormalised. Equally
/// frequent ones stay in the given order, which decides last bits of sums.
/// Source: FGD (USENIX ATC 2023); hkust-adsl/kubernetes-scheduler-simulator, frag.go: GetTypicalPods.
std::vector<TypicalWorker> typical_workers(std::vector<WorkerCount> counts, double percent);

/// How many workers of each class these jobs ask for; the larger requests first.
std::vector<WorkerCount> count_workers(const std::vector<JobView>& jobs);

}  // namespace plimsoll
