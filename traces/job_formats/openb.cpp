// Pods of the openb trace as jobs of one worker each: their shares of GPUs, CPU, memory and models of GPUs.
//
// A pod is submitted when it was created and runs from when it was scheduled to when it was deleted. Of a pod that went
// before it ran (phase Pending) no running time is known: it asks for as long as it waited, which is what it would have
// held its GPUs for had it got them at once. Pods that the trace's end cut off end there.
#include <fmt/format.h>

#include <map>
#include <memory>

#include "traces/gpu_kind_names.hpp"
#include "traces/job_trace_formats.hpp"
#include "traces/openb.hpp"
#include "workloads/job_fixed_time.hpp"

namespace plimsoll {
namespace {

/// Kinds that a list of models means; found once for each list.
class AcceptedKinds {
 public:
  explicit AcceptedKinds(const JobTraceContext& context)
      : names_(context.gpu_kinds), allowed_(context.allowed) {}

  GpuKinds of(const std::vector<std::string>& models) {
    if (models.empty()) return allowed_;
    const auto [entry, is_new] = known_.emplace(models, 0);
    if (is_new)
      for (const std::string& model : models) entry->second |= names_.find(model) & allowed_;
    return entry->second;
  }

 private:
  GpuKindNames names_;
  GpuKinds allowed_;
  std::map<std::vector<std::string>, GpuKinds> known_;
};

std::vector<JobSpec> read_pods(const std::string& path, const JobTraceContext& context) {
  AcceptedKinds kinds(context);
  std::vector<JobSpec> jobs;
  for (const OpenbPod& pod : read_openb_pods(path)) {
    if (!pod.life)
      throw ConfigError({path},
                        "has no columns creation_time, deletion_time and scheduled_time: it does "
                        "not say when its pods came and went.");
    JobSpec& job = jobs.emplace_back();
    job.name = pod.name;
    job.submitted_at = pod.life->created_at;
    SubGang& worker = job.gang.emplace_back();
    worker.each = request_of(pod, {});
    if (pod.gpus > 0) worker.each.gpu_kinds = kinds.of(pod.gpu_models);
    const Duration running_time =
        pod.life->deleted_at - pod.life->scheduled_at.value_or(pod.life->created_at);
    job.model = std::make_shared<FixedTimeJob>(running_time);
    job.user_estimate = running_time;
  }
  if (jobs.empty()) throw ConfigError({path}, "has a header but no row; a trace needs a job.");
  return jobs;
}

}  // namespace
}  // namespace plimsoll

PLIMSOLL_JOB_TRACE_FORMAT(openb, plimsoll::read_pods,
                          "Pods of Alibaba's openb trace, with their shares of GPUs and their "
                          "lifetimes: openb_pod_list_*.csv.",
                          "",
                          "Derived from the openb trace of Alibaba (cluster-trace-gpu-v2023, "
                          "github.com/alibaba/clusterdata), as kept in "
                          "hkust-adsl/kubernetes-scheduler-simulator, Apache-2.0.")
