// The simulations of the Pollux artifact (petuum/adaptdl, branch osdi21-artifact): 160 training jobs over 8 hours on 16
// nodes of 4 GPUs, rounds of 60 s. Published are the JCTs of each job under Tiresias, Optimus+Oracle and Pollux.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "planner/in_parallel.hpp"
#include "planner/tables/plain_cluster.hpp"
#include "planner/tables/pollux_jobs.hpp"
#include "planner/tables/published_table.hpp"
#include "traces/measurements/json_place.hpp"

namespace plimsoll {

namespace fs = std::filesystem;

namespace {

/// Pollux draws at random, with seeds that were not published: its means are compared, relative.
constexpr double kPolluxTolerance = 0.05;

/// One simulation: a policy on a workload, and what was published of it.
struct Case {
  std::string policy;
  std::string workload;  ///< "workload-3"
  fs::path file;
  std::vector<TrainingJobRow> rows;
  std::map<std::string, double, std::less<>> published;  ///< JCT in s by job
  std::vector<double> ours;                              ///< by row
};

void run(Case& of_case, const Applications& applications) {
  JobClusterSettings settings;
  settings.cycle_period = std::chrono::seconds{60};
  const JobRunFacts facts = run_jobs(
      {kPolluxNodes, kPolluxGpusPerNode}, settings,
      pollux_jobs(of_case.policy, of_case.rows, applications, of_case.file), {of_case.policy});
  for (const JobFacts& job : facts.jobs) {
    const bool finished = job.state == JobState::finished;
    of_case.ours.push_back(finished ? std::nearbyint(to_seconds(job.ended_at - job.submitted_at))
                                    : std::numeric_limits<double>::infinity());
  }
}

/// "tiresias-1.0" is Tiresias on the workloads as they are; other numbers are other loads, in "workloads-1.5".
void add_cases(const fs::path& folder, const fs::path& data, std::vector<Case>& cases,
               std::vector<std::string>& notes) {
  const std::string name = folder.filename().string();
  const std::size_t dash = name.rfind('-');
  const std::string policy = name.substr(0, dash);
  const std::string load = dash == std::string::npos ? "1.0" : name.substr(dash + 1);
  if (!is_pollux_policy(policy)) {
    notes.push_back(fmt::format("{}: results of an unknown policy left out", name));
    return;
  }
  const fs::path file = folder / "summary.json";
  const nlohmann::json document = parse_json(read_text(file.string()), file.string());
  const JsonPlace jcts = JsonPlace(document, file.string()).at("jcts");
  const fs::path workloads = data / (load == "1.0" ? "workloads" : "workloads-" + load);
  for (const auto& [workload, of_jobs] : jcts.value().items()) {
    Case of_case{policy, workload, workloads / (workload + ".csv"), {}, {}, {}};
    if (!fs::exists(of_case.file)) {
      notes.push_back(fmt::format("{}: {} jobs of {} left out: there is no {}", name,
                                  of_jobs.size(), workload, of_case.file.filename().string()));
      continue;
    }
    of_case.rows = read_training_workload(of_case.file);
    const JsonPlace places = jcts.at(workload.c_str());
    for (const auto& [job, value] : of_jobs.items())
      of_case.published.emplace(job, places.at(job.c_str()).number(0));
    if (load != "1.0") of_case.workload += " load " + load;
    cases.push_back(std::move(of_case));
  }
}

TableSlice compare_jobs(const Case& of_case, std::vector<std::string>& notes) {
  TableSlice slice;
  slice.slice = of_case.policy + " " + of_case.workload;
  slice.quantity = "JCT of each job, s";
  std::size_t unpublished = 0;
  for (std::size_t i = 0; i < of_case.rows.size(); ++i) {
    const auto published = of_case.published.find(of_case.rows[i].name);
    if (published == of_case.published.end()) {
      ++unpublished;
      continue;
    }
    const double difference = std::abs(of_case.ours[i] - published->second);
    ++slice.compared;
    slice.equal += difference == 0 ? 1 : 0;
    slice.worst = std::max(slice.worst, difference);
    slice.published += published->second;
    slice.ours += of_case.ours[i];
  }
  if (unpublished > 0)
    notes.push_back(fmt::format("{}: {} jobs without a published JCT", slice.slice, unpublished));
  if (slice.compared == 0) return slice;
  slice.published /= static_cast<double>(slice.compared);
  slice.ours /= static_cast<double>(slice.compared);
  return slice;
}

/// Of a policy that draws at random: the mean over the given workloads, each of as many jobs.
TableSlice compare_means(const std::vector<TableSlice>& slices) {
  TableSlice mean;
  mean.slice = fmt::format("pollux, {} workloads", slices.size());
  mean.quantity = "mean JCT, s";
  mean.compared = 1;
  mean.tolerance = kPolluxTolerance;
  mean.relative = true;
  for (const TableSlice& slice : slices) {
    mean.published += slice.published / static_cast<double>(slices.size());
    mean.ours += slice.ours / static_cast<double>(slices.size());
  }
  mean.worst = std::abs(mean.ours / mean.published - 1);
  mean.equal = mean.worst <= mean.tolerance ? 1 : 0;
  return mean;
}

}  // namespace

TableResult reproduce_pollux_artifact(const fs::path& data, const TableContext& context) {
  const fs::path root = data / "pollux_osdi21";
  const Applications applications = read_applications(root / "traces");
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(root / "results-jobload"))
    folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  TableResult result;
  std::vector<Case> cases;
  for (const fs::path& folder : folders) add_cases(folder, root, cases, result.notes);
  in_parallel(cases.size(), context.threads, [&](std::size_t i) { run(cases[i], applications); });
  std::vector<TableSlice> random;
  for (const Case& of_case : cases) {
    TableSlice slice = compare_jobs(of_case, result.notes);
    (of_case.policy == "pollux" ? random : result.slices).push_back(std::move(slice));
  }
  if (!random.empty()) result.slices.push_back(compare_means(random));
  return result;
}

}  // namespace plimsoll
