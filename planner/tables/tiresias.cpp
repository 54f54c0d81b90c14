// The runs of the simulator of the Tiresias study (SymbioticLab/Tiresias) on one virtual cluster of the Philly trace,
// job by job. It counts GPUs and does not place them: a gang runs on any GPUs that are free.
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

/// The study's name of a schedule, and ours with the settings that make it the same.
struct Schedule {
  const char* study;
  NamedPolicy policy;
  const char* explanation = "";
  double least_share = 1.0;  ///< of the values that are equal all the same
};

/// Services of earlier jobs, as the study's program learns them: "[121s, 122s]".
std::string read_history(const std::string& path) {
  MeasurementTable table(path);
  const auto columns = table.columns({"duration"});
  std::string history;
  table.each_row([&] {
    history += (history.empty() ? "" : ", ") +
               std::to_string(static_cast<std::int64_t>(table.whole(columns[0]))) + "s";
  });
  return "[" + history + "]";
}

/// `history` may be empty: then there is none for Gittins.
std::vector<Schedule> schedules(const std::string& history) {
  std::vector<Schedule> all{
      {"fifo", {"fifo", "{placement: first_fit}"}},
      {"fjf", {"first_fit", "{}"}},
      {"sjf", {"smallest_first", "{placement: first_fit}"}},
      {"shortest", {"srtf", "{estimate: oracle, placement: first_fit}"}},
      {"shortest-gpu", {"srtf", "{estimate: oracle, times_gpus: true, placement: first_fit}"}},
      {"dlas", {"las", "{times_gpus: false, placement: first_fit}"}},
      {"dlas-gpu", {"las", "{times_gpus: true, placement: first_fit}"}},
  };
  if (!history.empty()) {
    all.push_back(
        {"gittins_patched",
         {"gittins", "{placement: first_fit, history: " + history + "}"},
         "The study's program runs the jobs with the lowest index first, from a table in steps of "
         "its history, which comes close to first come first served; the index is defined "
         "so that the highest comes first, which is what ours does.",
         0.55});
  }
  return all;
}

/// What the study's simulator gave for one job, in seconds.
struct PublishedJob {
  std::int64_t start = 0;
  std::int64_t end = 0;
};

std::map<std::string, PublishedJob, std::less<>> read_published(const std::string& path) {
  MeasurementTable table(path);
  const auto columns = table.columns({"job_id", "start_time", "end_time"});
  std::map<std::string, PublishedJob, std::less<>> jobs;
  table.each_row([&] {
    jobs[std::string(table.text(columns[0]))] = {
        static_cast<std::int64_t>(table.whole(columns[1], 0)),
        static_cast<std::int64_t>(table.whole(columns[2], 0))};
  });
  return jobs;
}

PlainCluster read_cluster(const std::string& path) {
  MeasurementTable table(path);
  const auto columns = table.columns({"num_switch", "num_node_p_switch", "num_gpu_p_node"});
  PlainCluster cluster;
  table.each_row([&] {
    cluster.nodes = static_cast<std::int32_t>(table.whole(columns[0]) * table.whole(columns[1]));
    cluster.gpus_per_node = static_cast<std::int32_t>(table.whole(columns[2]));
  });
  return cluster;
}

/// A slice over all jobs: start or JCT, in seconds.
void compare(TableSlice& slice, Duration ours, std::int64_t published) {
  const double difference = std::abs(to_seconds(ours - std::chrono::seconds{published}));
  ++slice.compared;
  slice.equal += difference <= slice.tolerance ? 1 : 0;
  slice.worst = std::max(slice.worst, difference);
  slice.published += static_cast<double>(published);
  slice.ours += to_seconds(ours);
}

void finish(TableSlice& slice, const Schedule& schedule, const char* quantity) {
  slice.slice = std::string(schedule.study) + " 11cb48";
  slice.quantity = quantity;
  if (slice.compared == 0) return;
  slice.published /= static_cast<double>(slice.compared);
  slice.ours /= static_cast<double>(slice.compared);
  if (slice.reproduced()) return;
  slice.explanation = schedule.explanation;
  slice.least_share = schedule.least_share;
}

void reproduce_schedule(const Schedule& schedule, const PlainCluster& cluster,
                        const std::vector<RecordedJob>& jobs, const std::string& file,
                        TableResult& result) {
  const auto published = read_published(file);
  const JobRunFacts facts = run_jobs(
      cluster, {}, job_specs(jobs, cluster.gpus_per_node, GangLayout::scattered), schedule.policy);
  TableSlice start, jct;
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    const auto found = published.find(jobs[job].name);
    if (found == published.end()) continue;
    const JobFacts& ours = facts.jobs[job];
    const std::int64_t submitted = to_ns(ours.submitted_at) / 1'000'000'000;
    compare(start, ours.first_start.time_since_epoch(), found->second.start);
    compare(jct, ours.ended_at - ours.submitted_at, found->second.end - submitted);
  }
  finish(start, schedule, "start, s");
  finish(jct, schedule, "JCT, s");
  result.slices.push_back(start);
  result.slices.push_back(jct);
}

}  // namespace

TableResult reproduce_tiresias(const std::filesystem::path& data, const TableContext&) {
  TableResult result;
  const std::filesystem::path folder = data / "peer_runs" / "tiresias_sim";
  const auto jobs = read_tiresias_jobs((folder / "philly11cb48_w1_job.csv.zst").string());
  const PlainCluster cluster = read_cluster((folder / "n4g8.csv").string());
  const auto history = data / "tiresias" / "yarn-gput1000.csv";
  const bool has_history = std::filesystem::exists(history);
  if (!has_history)
    result.notes.push_back("tiresias gittins: no tiresias/yarn-gput1000.csv; left out");
  for (const Schedule& schedule : schedules(has_history ? read_history(history.string()) : "")) {
    const auto file = folder / (std::string("job_") + schedule.study + ".csv.zst");
    if (std::filesystem::exists(file)) {
      reproduce_schedule(schedule, cluster, jobs, file.string(), result);
    } else {
      result.notes.push_back(std::string("tiresias ") + schedule.study + ": not in the data");
    }
  }
  return result;
}

}  // namespace plimsoll
