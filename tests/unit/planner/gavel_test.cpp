// Gavel's evaluation run again: on jobs of made-up speeds, and at two points of its published curves.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "planner/tables/gavel_jobs.hpp"
#include "planner/tables/gavel_run.hpp"
#include "planner/tables/published_table.hpp"
#include "tests/catch.hpp"
#include "tests/unit/validation/data_folder.hpp"

namespace plimsoll {

namespace {

constexpr const char* kJctColumns = "workload,metric,experiment,input_jobs_per_hour,policy,value\n";

/// All types that Gavel draws, at one step per second and GPU on a V100, half and a quarter of it on the others.
std::string made_up_throughputs() {
  std::vector<std::string> types{"A3C", "CycleGAN"};
  for (const char* family : {"ResNet-18", "ResNet-50", "Transformer", "LM", "Recommendation"})
    for (const int batch : {5, 10, 16, 20, 32, 40, 64, 80, 128, 256, 512, 1024, 2048, 4096, 8192})
      types.push_back(fmt::format("{} (batch size {})", family, batch));
  std::string text;
  for (const auto& [kind, rate] : {std::pair{"v100", 1.0}, {"p100", 0.5}, {"k80", 0.25}}) {
    std::string of_kind;
    for (const std::string& type : types)
      for (const int gpus : {1, 2, 4, 8})
        of_kind += fmt::format("{}\"('{}', {})\": {{\"null\": {}}}", of_kind.empty() ? "" : ",\n",
                               type, gpus, rate * gpus);
    text += fmt::format("{}\"{}\": {{{}}}", text.empty() ? "" : ",\n", kind, of_kind);
  }
  return "{" + text + "}";
}

GavelThroughputs throughputs_in(const DataFolder& data) {
  return read_gavel_throughputs(
      data.write("gavel_msr/simulation_throughputs.json", made_up_throughputs()));
}

double hours_alone(const JobSpec& job, std::int32_t kind) {
  const PlacementShape shape{{job.gang.front().workers}, kind, -1};
  return to_seconds(job.model->time_to_end({}, shape)) / 3600;
}

}  // namespace

TEST_CASE(
    "Gavel's jobs that never wait long take their own time on the fastest kind, and a wait "
    "for their first round",
    "[tables]") {
  const DataFolder data;
  const GavelThroughputs throughputs = throughputs_in(data);
  const auto jobs = GavelJobs(throughputs).draw({0, false, 5000, 0.2});
  double alone = 0;
  for (std::size_t i = 4000; i < 5000; ++i) alone += hours_alone(jobs[i], 2) / 1000;
  data.write("gavel_results/avg_jct_vs_rate.csv",
             std::string(kJctColumns) +
                 fmt::format("single_gpu,avg_jct_hours,fifo,0.2,fifo_perf,{}\n", alone) +
                 "single_gpu,avg_jct_hours,fifo,0.2,fifo_packed,15\n"
                 "single_gpu,avg_jct_hours,fifo,0.4,fifo_perf,nan\n");
  const TableResult result = reproduce_gavel(data.root(), {});
  REQUIRE(result.slices.size() == 1);
  const TableSlice& slice = result.slices.front();
  CHECK(slice.slice == "single_gpu fifo_perf");
  CHECK(slice.compared == 1);
  CHECK(slice.reproduced());
  CHECK(slice.ours > alone);
  CHECK(slice.ours < alone + 0.3);
  REQUIRE(result.notes.size() == 2);
  CHECK(result.notes[0].find("avg_jct_hours of fifo_packed: 1 rows left out") == 0);
}

TEST_CASE(
    "the makespan that Gavel minimises is no longer than its FIFO's, nor shorter than the "
    "longest job and the work in all",
    "[tables]") {
  const DataFolder data;
  const GavelThroughputs throughputs = throughputs_in(data);
  const auto jobs = GavelJobs(throughputs).draw({0, true, 200, 0});
  double longest = 0, v100_hours = 0;
  for (const JobSpec& job : jobs) {
    longest = std::max(longest, hours_alone(job, 2));
    v100_hours += hours_alone(job, 2) * job.gang.front().workers;
  }
  const double least = std::max(longest, v100_hours / 8 / (1 + 0.5 + 0.25));
  const double shortest = makespan_hours({throughputs.kinds, 8, "gavel_makespan", "{}"}, jobs);
  CHECK(shortest >= least);
  CHECK(shortest <= makespan_hours({throughputs.kinds, 8, "gavel_fifo", "{}"}, jobs));
}

TEST_CASE("what is wrong with Gavel's results is said with its place", "[tables]") {
  const DataFolder data;
  throughputs_in(data);
  const auto fault = [&](const std::string& row) {
    data.write("gavel_results/avg_jct_vs_rate.csv", kJctColumns + row);
    return fault_of([&] { reproduce_gavel(data.root(), {}); });
  };
  CHECK(fault("many_gpu,avg_jct_hours,fifo,0.2,fifo,15\n")
            .find("is neither single_gpu nor multi_gpu") != std::string::npos);
  CHECK(fault("single_gpu,avg_jct_hours,fifo,-1,fifo,15\n").find(":2") != std::string::npos);
}

TEST_CASE("points of Gavel's published curves are reached again, FIFO's to a hundredth",
          "[tables][data]") {
  const char* folder = std::getenv("PLIMSOLL_DATA");
  const auto published = std::filesystem::path(folder ? folder : "") / "gavel_results";
  if (!folder || !std::filesystem::is_directory(published)) {
    std::cout << "skipped: $PLIMSOLL_DATA holds no gavel_results\n";
    return;
  }
  std::string rows = kJctColumns;
  std::ifstream file(published / "avg_jct_vs_rate.csv");
  for (std::string line; std::getline(file, line);)
    for (const char* wanted : {"multi_gpu,avg_jct_hours,fifo,2.00,fifo_perf,",
                               "multi_gpu,avg_jct_hours,las,0.40,max_min_fairness_perf,"})
      if (line.starts_with(wanted)) rows += line + "\n";
  const DataFolder data;
  data.write("gavel_results/avg_jct_vs_rate.csv", rows);
  std::filesystem::create_directory_symlink(published.parent_path() / "gavel_msr",
                                            data.root() / "gavel_msr");
  const TableResult result = reproduce_gavel(data.root(), {});
  REQUIRE(result.slices.size() == 2);
  for (const TableSlice& slice : result.slices) {
    CAPTURE(slice.slice, slice.published, slice.ours);
    CHECK(slice.compared == 1);
    CHECK(slice.worst < 0.01);
  }
}

}  // namespace plimsoll
