#include "planner/tables/gavel_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/error.hpp"
#include "core/portable_math.hpp"
#include "planner/tables/python_random.hpp"
#include "workloads/jobs/throughput_job.hpp"

namespace plimsoll {

namespace {

/// The types that Gavel drew from, in the order of May 2020 (scheduler/job_table.py at a793399).
struct Family {
  const char* name;  ///< before the batch
  std::vector<std::int32_t> batches;
  bool distributed = true;
};
const std::vector<Family>& families() {
  static const std::vector<Family> all{{"ResNet-18", {16, 32, 64, 128, 256}},
                                       {"ResNet-50", {16, 32, 64, 128}},
                                       {"Transformer", {16, 32, 64, 128, 256}},
                                       {"A3C", {}, false},
                                       {"LM", {5, 10, 20, 40, 80}},
                                       {"Recommendation", {512, 1024, 2048, 4096, 8192}, false},
                                       {"CycleGAN", {}, false}};
  return all;
}

std::int32_t gpus_of(double u) { return u < 0.7 ? 1 : u < 0.8 ? 2 : u < 0.95 ? 4 : 8; }

/// Four of five jobs take 32 to 1,000 minutes, the others 1,000 to 10,000, log-uniform.
double duration_s(PythonRandom& draws) {
  const bool is_long = draws.random() >= 0.8;
  const double exponent = is_long ? draws.uniform(3, 4) : draws.uniform(1.5, 3);
  return 60 * portable::pow(10, exponent);
}

}  // namespace

GavelJobs::GavelJobs(const GavelThroughputs& throughputs) {
  const auto& kinds = throughputs.kinds;
  const auto reference = std::find(kinds.begin(), kinds.end(), "v100");
  if (reference == kinds.end())
    throw ConfigError(Position{},
                      "gavel: there are no throughputs on a v100, on which the running "
                      "times of jobs are drawn.");
  reference_ = static_cast<std::size_t>(reference - kinds.begin());
  for (const auto& [kind, rates] : throughputs.steps_per_s)
    speeds_[kind] = std::make_shared<const JobSpeed>(JobSpeed{{}, rates, std::nullopt});
  for (const Family& family : families()) {
    if (family.batches.empty()) types_.push_back({family.name, family.distributed});
    for (const std::int32_t batch : family.batches)
      types_.push_back({fmt::format("{} (batch size {})", family.name, batch), family.distributed});
  }
}

std::vector<JobSpec> GavelJobs::draw(const GavelWorkload& workload) const {
  PythonRandom jobs(workload.seed + 2), arrivals(workload.seed + 3);
  const auto any_type = [&] {
    return &types_[jobs.below(static_cast<std::uint32_t>(types_.size()))];
  };
  std::vector<JobSpec> all;
  double at_s = 0;
  for (std::size_t i = 0; i < workload.jobs; ++i) {
    const std::int32_t drawn = gpus_of(jobs.uniform(0, 1));
    const std::int32_t gpus = workload.several ? drawn : 1;
    const double duration = duration_s(jobs);
    const Type* type = any_type();
    while (gpus > 1 && !type->distributed) type = any_type();
    const auto& speed = speed_of({type->name, gpus});
    JobSpec job;
    job.name = fmt::format("job-{:05}", i);
    job.submitted_at = SimTime{from_seconds(at_s)};
    job.gang = {SubGang{gpus, {}}};
    job.gang.front().each.gpus = 1;
    job.model =
        std::make_shared<const ThroughputJob>(duration * speed->steps_per_s[reference_], speed);
    all.push_back(std::move(job));
    if (workload.per_hour > 0)
      at_s -= portable::log(1 - arrivals.random()) * (3600 / workload.per_hour);
  }
  return all;
}

const std::shared_ptr<const JobSpeed>& GavelJobs::speed_of(const GavelJobKind& kind) const {
  const auto found = speeds_.find(kind);
  if (found == speeds_.end())
    throw ConfigError(Position{}, fmt::format("gavel: there is no throughput of {} on {} GPUs.",
                                              kind.type, kind.gpus));
  return found->second;
}

}  // namespace plimsoll
