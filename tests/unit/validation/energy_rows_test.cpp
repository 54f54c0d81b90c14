#include "planner/validation/energy_rows.hpp"

#include "tests/catch.hpp"
#include "tests/unit/validation/data_folder.hpp"

namespace plimsoll {
namespace {

const std::string kHeader =
    "task,model_id,gpu_model,num_gpus,tensor_parallel,expert_parallel,data_parallel,"
    "weight_precision,max_num_seqs,avg_batch_size,avg_output_len,avg_power_watts,"
    "energy_per_token_joules,output_throughput_tokens_per_sec,median_itl_ms,p99_itl_ms\n";

TEST_CASE("rows are grouped by deployment, ascending in load, text tasks only") {
  const DataFolder data;
  const auto file =
      data.write("rows.csv", kHeader +
                                 "gpqa,m,H100,2,2,1,1,fp8,64,63.5,900,1200,1,1200,20,40\n"
                                 "gpqa,m,H100,2,2,1,1,fp8,8,8,900,1000,2,500,15,20\n"
                                 "gpqa,m,H100,4,4,1,1,fp8,8,8,900,1000,2,500,15,20\n"
                                 "text-to-image,m,H100,2,,,,fp8,,,,700,,,,\n");
  EnergyRows rows;
  read_energy_rows(file, rows);
  REQUIRE(rows.by_deployment.size() == 2);
  const auto& [key, group] = *rows.by_deployment.begin();
  CHECK(key.gpus == 2);
  REQUIRE(group.size() == 2);
  CHECK(group[0].load.sequences == 8);
  CHECK(group[1].power_w == 1200);
  CHECK(group[1].itl_p50_ms == 20);
  CHECK(rows.other_tasks.at("text-to-image") == 1);
}

TEST_CASE("a figure of a text task that is blank or not positive is refused at its row") {
  const DataFolder data;
  const std::string row = "gpqa,m,H100,2,2,1,1,fp8,8,8,900,1000,2,500,15,20\n";
  const auto refusal = [&](const std::string& bad) {
    const auto file = data.write("rows.csv", kHeader + row + bad);
    EnergyRows rows;
    return fault_of([&] { read_energy_rows(file, rows); });
  };
  const std::string blank = refusal("gpqa,m,H100,2,2,1,1,fp8,8,8,900,1000,2,500,,20\n");
  CHECK(blank.find("rows.csv:3") != std::string::npos);
  CHECK(blank.find("median_itl_ms") != std::string::npos);
  CHECK(refusal("gpqa,m,H100,2,2,1,1,fp8,8,8,900,nan,2,500,15,20\n").find("avg_power_watts") !=
        std::string::npos);
  CHECK(refusal("gpqa,m,H100,2,2,1,1,fp8,8,0.5,900,1000,2,500,15,20\n").find("avg_batch_size") !=
        std::string::npos);
  CHECK(refusal("gpqa,m,H100,2,2,1,0,fp8,8,8,900,1000,2,500,15,20\n").find("data_parallel") !=
        std::string::npos);
}

}  // namespace
}  // namespace plimsoll
