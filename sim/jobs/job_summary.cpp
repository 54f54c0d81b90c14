#include "sim/jobs/job_summary.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "results/quantiles.hpp"

namespace plimsoll {

namespace {

JobTimes times_of(const std::vector<std::int64_t>& ns) {
  JobTimes times;
  if (ns.empty()) return times;
  Distribution distribution;
  distribution.add(ns);
  constexpr std::array kShares{0.5, 0.9, 0.99};
  const std::vector<double> quantiles = distribution.quantiles(kShares);
  double sum = 0;
  for (const std::int64_t one : ns) sum += static_cast<double>(one);
  times.mean_s = sum * 1e-9 / static_cast<double>(ns.size());
  times.p50_s = quantiles[0] * 1e-9;
  times.p90_s = quantiles[1] * 1e-9;
  times.p99_s = quantiles[2] * 1e-9;
  return times;
}

/// Workers on each GPU of the cluster, and what follows for whole gangs.
class FreeGpusByNode {
 public:
  FreeGpusByNode(const ClusterFacts& cluster, std::int32_t gang_gpus)
      : gang_gpus_(gang_gpus), holders_(cluster.nodes.size()), free_(cluster.nodes.size()) {
    for (std::size_t node = 0; node < free_.size(); ++node) {
      free_[node] = cluster.nodes[node].gpus;
      free_gpus_ += free_[node];
      fragmented_ += free_[node] % gang_gpus_;
    }
  }

  void change(const NodeShare& share, std::int32_t by) {
    fragmented_ -= free_[share.node] % gang_gpus_;
    for (unsigned left = share.devices; left != 0; left &= left - 1) {
      std::int32_t& holders =
          holders_[share.node][static_cast<std::size_t>(std::countr_zero(left))];
      const bool was_free = holders == 0;
      holders += by;
      const std::int32_t freed = (holders == 0 ? 1 : 0) - (was_free ? 1 : 0);
      free_[share.node] += freed;
      free_gpus_ += freed;
    }
    fragmented_ += free_[share.node] % gang_gpus_;
  }
  FragmentationSample at(SimTime time) const { return {time, free_gpus_, fragmented_}; }

 private:
  std::int32_t gang_gpus_;
  std::vector<std::array<std::int32_t, kMaxGpusPerNode>> holders_;
  std::vector<std::int32_t> free_;
  std::int32_t free_gpus_ = 0;
  std::int32_t fragmented_ = 0;
};

/// Mean of `value(sample)` over time, until `end`.
template <class Sample, class Value>
double mean_over_time(const std::vector<Sample>& samples, SimTime end, Value value) {
  double sum = 0;
  double whole = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const SimTime until = i + 1 < samples.size() ? samples[i + 1].at : end;
    const double seconds = to_seconds(until - samples[i].at);
    sum += static_cast<double>(value(samples[i])) * seconds;
    whole += seconds;
  }
  return whole > 0 ? sum / whole : 0;
}

double share_of(GpuTime part, GpuTime whole) {
  return static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

/// What can be told job by job.
void add_jobs(JobSummary& summary, const JobRunFacts& facts) {
  std::vector<std::int64_t> jct, waiting;
  SimTime first = kNever, last{};
  GpuTime gpu_time{}, setup{}, lost{};
  for (const JobFacts& job : facts.jobs) {
    if (job.state == JobState::not_submitted) continue;
    first = std::min(first, job.submitted_at);
    summary.preemptions += static_cast<std::uint64_t>(job.preemptions);
    summary.running += job.state == JobState::running;
    summary.pending += job.state == JobState::pending;
    summary.rejected += job.state == JobState::rejected;
    gpu_time += job.gpu_time;
    setup += job.setup_gpu_time;
    lost += job.lost_gpu_time;
    if (job.state != JobState::finished) continue;
    last = std::max(last, job.ended_at);
    jct.push_back(to_ns(job.ended_at - job.submitted_at));
    waiting.push_back(to_ns(job.waited));
  }
  summary.finished = jct.size();
  summary.jct = times_of(jct);
  summary.waiting = times_of(waiting);
  if (summary.finished > 0) summary.makespan = last - first;
  if (gpu_time == GpuTime{}) return;
  summary.setup_share = share_of(setup, gpu_time);
  summary.lost_share = share_of(lost, gpu_time);
}

}  // namespace

std::vector<FragmentationSample> fragmentation_over_time(const JobRunFacts& facts,
                                                         const ClusterFacts& cluster,
                                                         std::int32_t gang_gpus) {
  std::vector<std::pair<SimTime, std::size_t>> changes;  // 2 x run for its end, + 1 for its start
  for (std::size_t run = 0; run < facts.runs.size(); ++run) {
    changes.emplace_back(facts.runs[run].from, 2 * run + 1);
    if (facts.runs[run].until != kNever) changes.emplace_back(facts.runs[run].until, 2 * run);
  }
  std::sort(changes.begin(), changes.end());
  FreeGpusByNode free(cluster, gang_gpus);
  std::vector<FragmentationSample> samples;
  if (!facts.samples.empty()) samples.push_back(free.at(facts.samples.front().at));
  for (const auto& [at, change] : changes) {
    for (const NodeShare& share : facts.placement(facts.runs[change / 2])) {
      free.change(share, change % 2 == 1 ? 1 : -1);
    }
    if (samples.back().at != at) samples.emplace_back();
    samples.back() = free.at(at);
  }
  return samples;
}

JobSummary summarize(const JobRunFacts& facts, const ClusterFacts& cluster,
                     std::int32_t gang_gpus) {
  JobSummary summary;
  add_jobs(summary, facts);
  if (facts.samples.empty()) return summary;
  const SimTime end = facts.samples.back().at;
  std::int64_t gpus = 0;
  for (const NodeFacts& node : cluster.nodes) gpus += node.gpus;
  if (gpus > 0) {
    const double used = mean_over_time(
        facts.samples, end, [](const AllocationSample& sample) { return sample.gpu_milli; });
    summary.utilization = used / static_cast<double>(gpus * kWholeGpu);
  }
  summary.fragmentation =
      mean_over_time(fragmentation_over_time(facts, cluster, gang_gpus), end,
                     [](const FragmentationSample& sample) { return sample.fragmented_gpus; });
  return summary;
}

}  // namespace plimsoll
