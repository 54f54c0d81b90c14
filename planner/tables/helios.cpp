// The runs of the simulator of S-Lab's Helios study (HeliosArtifact) on jobs of the Philly trace, job by job: each
// virtual cluster is a cluster of its own, of nodes with 8 GPUs, that looks at its queue every second.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "planner/tables/plain_cluster.hpp"
#include "planner/tables/published_table.hpp"
#include "traces/job_traces.hpp"
#include "traces/measurements/measurement_table.hpp"

namespace plimsoll {

namespace {

constexpr std::int32_t kGpusPerNode = 8;
constexpr Duration kSecond{1'000'000'000};

/// What the study's simulator gave for one job, in seconds.
struct PublishedJob {
  std::int64_t start = 0;
  std::int64_t end = 0;
};

/// By policy and virtual cluster; there by the job's name.
using PublishedRuns =
    std::map<std::pair<std::string, std::string>, std::map<std::string, PublishedJob, std::less<>>>;

PublishedRuns read_published(const std::string& path) {
  MeasurementTable table(path);
  const auto columns = table.columns({"policy", "vc", "job_id", "start_time", "end_time"});
  PublishedRuns runs;
  table.each_row([&] {
    runs[{std::string(table.text(columns[0])), std::string(table.text(columns[1]))}][std::string(
        table.text(columns[2]))] = {static_cast<std::int64_t>(table.whole(columns[3], 0)),
                                    static_cast<std::int64_t>(table.whole(columns[4], 0))};
  });
  return runs;
}

std::map<std::string, std::int32_t> read_nodes(const std::string& path) {
  MeasurementTable table(path);
  const auto columns = table.columns({"vc", "nodes"});
  std::map<std::string, std::int32_t> nodes;
  table.each_row([&] {
    nodes[std::string(table.text(columns[0]))] = static_cast<std::int32_t>(table.whole(columns[1]));
  });
  return nodes;
}

/// How the study runs a policy. Its SRTF counts down each second and asks before it counts, so that every job ends a
/// second late, and charges each preemption 7, 30 or 60 s by the job's size.
struct StudyPolicy {
  NamedPolicy policy;
  JobClusterSettings settings;
  bool preemption_costs = false;
};

StudyPolicy study_policy(const std::string& name) {
  StudyPolicy study;
  study.settings.cycle_period = kSecond;
  study.policy.name = name;
  if (name == "sjf") study.policy.settings = "{estimate: oracle}";
  if (name == "srtf") {
    study.policy.settings = "{estimate: oracle, keep_equal: false}";
    study.settings.hold_after_end = kSecond;
    study.preemption_costs = true;
  }
  return study;
}

Duration preemption_cost(std::int32_t gpus) {
  return (gpus == 1 ? 7 : gpus <= kGpusPerNode ? 30 : 60) * kSecond;
}

struct Slices {
  TableSlice start;
  TableSlice end;
};

void compare(TableSlice& slice, SimTime ours, std::int64_t published) {
  const double difference = std::abs(to_seconds(ours - SimTime{published * kSecond}));
  ++slice.compared;
  slice.equal += difference <= slice.tolerance ? 1 : 0;
  slice.worst = std::max(slice.worst, difference);
  slice.published += static_cast<double>(published);
  slice.ours += to_seconds(ours);
}

void run_virtual_cluster(const StudyPolicy& study, std::int32_t nodes,
                         const std::vector<RecordedJob>& jobs,
                         const std::map<std::string, PublishedJob, std::less<>>& published,
                         Slices& slices) {
  std::vector<JobSpec> specs = job_specs(jobs, kGpusPerNode);
  for (std::size_t job = 0; job < jobs.size() && study.preemption_costs; ++job) {
    specs[job].eviction_cost = preemption_cost(jobs[job].gpus);
  }
  const JobRunFacts facts =
      run_jobs({nodes, kGpusPerNode}, study.settings, std::move(specs), study.policy);
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    const auto found = published.find(jobs[job].name);
    if (found == published.end()) continue;
    compare(slices.start, facts.jobs[job].first_start, found->second.start);
    compare(slices.end, facts.jobs[job].ended_at, found->second.end);
  }
}

void finish(TableSlice& slice) {
  if (slice.compared == 0) return;
  slice.published /= static_cast<double>(slice.compared);
  slice.ours /= static_cast<double>(slice.compared);
}

void reproduce_trace(const std::filesystem::path& folder, const std::string& trace,
                     TableResult& result) {
  const auto nodes = read_nodes((folder / ("results_" + trace + ".csv")).string());
  const PublishedRuns runs = read_published((folder / ("jobs_" + trace + ".csv.zst")).string());
  std::map<std::string, std::vector<RecordedJob>> jobs;
  for (RecordedJob& job : read_helios_jobs((folder / ("trace_" + trace + ".csv.zst")).string())) {
    jobs[job.queue].push_back(std::move(job));
  }
  std::map<std::string, Slices> slices;  // by policy
  for (const auto& [key, published] : runs) {
    const auto& [policy, queue] = key;
    const auto known_nodes = nodes.find(queue);
    const auto known_jobs = jobs.find(queue);
    if (known_nodes == nodes.end() || known_jobs == jobs.end()) {
      result.notes.push_back(
          fmt::format("helios {}: {} {} has results, but no jobs or no number of nodes; left out",
                      trace, policy, queue));
      continue;
    }
    const auto [slice, is_new] = slices.try_emplace(policy);
    if (is_new) {
      slice->second.start.slice = slice->second.end.slice = fmt::format("{} {}", policy, trace);
      slice->second.start.quantity = "start, s";
      slice->second.end.quantity = "end, s";
    }
    run_virtual_cluster(study_policy(policy), known_nodes->second, known_jobs->second, published,
                        slice->second);
  }
  for (auto& [policy, slice] : slices) {
    finish(slice.start);
    finish(slice.end);
    result.slices.push_back(slice.start);
    result.slices.push_back(slice.end);
  }
}

}  // namespace

TableResult reproduce_helios(const std::filesystem::path& data, const TableContext&) {
  TableResult result;
  const std::filesystem::path folder = data / "peer_runs" / "helios_sim";
  for (const char* trace : {"w1", "tight"}) {
    if (std::filesystem::exists(folder / ("jobs_" + std::string(trace) + ".csv.zst"))) {
      reproduce_trace(folder, trace, result);
    } else {
      result.notes.push_back("helios " + std::string(trace) + ": not in the data");
    }
  }
  return result;
}

}  // namespace plimsoll
