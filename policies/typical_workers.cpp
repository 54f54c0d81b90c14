#include "policies/typical_workers.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace plimsoll {

std::vector<WorkerCount> counts_of(const TypicalWorkersConfig& config,
                                   const std::vector<std::string>& gpu_kinds) {
  std::vector<WorkerCount> counts;
  for (const WorkerCountConfig& worker : config.workers) {
    GpuKinds accepted = worker.gpu_kinds.empty() ? kAnyGpuKind : 0;
    for (const std::string& name : worker.gpu_kinds) {
      const auto found = std::ranges::find(gpu_kinds, name);
      if (found != gpu_kinds.end()) accepted |= GpuKinds{1} << (found - gpu_kinds.begin());
    }
    const std::int32_t gpu_milli = worker.gpus > 0 ? worker.gpu_milli : 0;
    counts.push_back({worker.cpu_milli, worker.gpus, gpu_milli, accepted, worker.count});
  }
  return counts;
}

std::vector<TypicalWorker> typical_workers(std::vector<WorkerCount> counts, double percent) {
  std::ranges::stable_sort(counts, std::ranges::greater{}, &WorkerCount::count);
  double all = 0;
  for (const WorkerCount& worker : counts) all += static_cast<double>(worker.count);
  std::vector<TypicalWorker> typical;
  double covered = 0;
  for (const WorkerCount& worker : counts) {
    if (covered >= percent * all / 100.0) break;
    const auto count = static_cast<double>(worker.count);
    covered += count;
    typical.push_back(
        {worker.cpu_milli, worker.gpus, worker.gpu_milli, worker.gpu_kinds, count / all});
  }
  if (typical.size() < counts.size()) {
    for (TypicalWorker& worker : typical) worker.weight /= covered / all;
  }
  return typical;
}

std::vector<WorkerCount> count_workers(const std::vector<JobView>& jobs) {
  std::map<std::tuple<std::int64_t, std::int32_t, std::int32_t, GpuKinds>, std::int64_t> counts;
  for (const JobView& job : jobs) {
    for (const SubGang& part : job.gang) {
      const ResourceRequest& each = part.each;
      const std::int32_t gpu_milli = each.gpus > 0 ? each.gpu_milli : 0;
      counts[{each.cpu_milli, gpu_milli, each.gpus, each.gpu_kinds}] += part.workers;
    }
  }
  std::vector<WorkerCount> workers;
  for (auto entry = counts.rbegin(); entry != counts.rend(); ++entry) {
    const auto& [cpu_milli, gpu_milli, gpus, kinds] = entry->first;
    workers.push_back({cpu_milli, gpus, gpu_milli, kinds, entry->second});
  }
  return workers;
}

}  // namespace plimsoll
