#include "traces/pollux_profiles.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tests/catch.hpp"
#include "tests/unit/validation/data_folder.hpp"

namespace plimsoll {

TEST_CASE("a workload row is a job with its application, GPUs and batch", "[traces][jobs]") {
  const DataFolder data;
  const auto rows = read_training_workload(data.write(
      "w.csv", "name,time,application,num_replicas,batch_size\nbert-0,10.5,bert,6,96\n"));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].name == "bert-0");
  CHECK(rows[0].submitted_s == 10.5);
  CHECK(rows[0].replicas == 6);
  CHECK(rows[0].batch == 96);
}

TEST_CASE("a profile is its validation runs by batch and its measured placements",
          "[traces][jobs]") {
  const DataFolder data;
  const std::string header = "progress,iteration,metric,grad_sqr,grad_var\n";
  data.write("app/validation-20.csv", header + "8,4,1,2,3\n");
  data.write("app/validation-10.csv", header + "7,7,1,2,3\n");
  data.write("app/placements.csv", "placement,local_bsz,step_time,sync_time\n12,4,0.5,0.1\n");
  data.write("app/scalability.csv",
             "num_nodes,num_replicas,local_bsz,step_time,sync_time\n2,3,4,0.5,0.1\n");
  const ApplicationProfile profile = read_application_profile(data.root() / "app");
  CHECK(profile.name == "app");
  REQUIRE(profile.validation.size() == 2);
  CHECK(profile.validation[0].batch == 10);
  CHECK(profile.placements.at(0).gpus_per_node == std::vector<std::int32_t>{1, 2});
  CHECK(profile.scalability.at(0).times == StepTimes{0.5, 0.1});
}

TEST_CASE("what is wrong with a profile is said with its place", "[traces][jobs]") {
  const DataFolder data;
  data.write("app/validation-10.csv",
             "progress,iteration,metric,grad_sqr,grad_var\n7,7,1,2,3\n6,8,1,2,3\n");
  CHECK(fault_of([&] {
          read_application_profile(data.root() / "app");
        }).find("validation-10.csv:3:1: progress = \"6\" is below that of the epoch before") !=
        std::string::npos);
  CHECK(fault_of([&] {
          read_training_workload(data.write("w.csv", "name,time\n"));
        }).find("application") != std::string::npos);
}

TEST_CASE("the workloads of Sia and of the Pollux artifact are read whole", "[traces][jobs]") {
  const char* data = std::getenv("PLIMSOLL_DATA");
  const auto folder = std::filesystem::path(data ? data : "") / "sia_workloads";
  if (!data || !std::filesystem::is_directory(folder)) {
    std::cout << "skipped: $PLIMSOLL_DATA holds no sia_workloads\n";
    return;
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto rows = read_training_workload(entry.path());
    CHECK(rows.size() == (entry.path().filename().string().starts_with("philly") ? 160 : 960));
  }
}

}  // namespace plimsoll
