#include "planner/validation/mlperf_rows.hpp"

#include "tests/catch.hpp"
#include "tests/unit/validation/data_folder.hpp"

namespace plimsoll {

TEST_CASE("accelerators are matched to the GPU of most words", "[validation]") {
  const std::vector<std::string> gpus{"amd_mi300x", "nvidia_b200_sxm", "nvidia_h200_nvl",
                                      "nvidia_h200_sxm", "nvidia_l40s"};
  CHECK(match_gpu(gpus, "NVIDIA H200-SXM-141GB") == "nvidia_h200_sxm");
  CHECK(match_gpu(gpus, "Virtualized NVIDIA H200-SXM-141GB") == "nvidia_h200_sxm");
  CHECK(match_gpu(gpus, "NVIDIA H200-NVL-141GB") == "nvidia_h200_nvl");
  CHECK(match_gpu(gpus, "AMD Instinct MI300X 192GB HBM3") == "amd_mi300x");
  CHECK(match_gpu(gpus, "NVIDIA L40S") == "nvidia_l40s");
  CHECK(match_gpu(gpus, "NVIDIA L4").empty());
}

TEST_CASE("results are read with their mixed accelerators, repeats left out", "[validation]") {
  const std::string header =
      "division,org,system,model,scenario_dir,accel,accel_per_node,nodes,Scenario,"
      "Tokens per second,Completed tokens per second\n";
  const DataFolder data;
  data.write("v_llm_summary.csv",
             header + "closed,O,S,llama2-70b-99,Offline,NVIDIA L40S,8,2,Offline,1000,\n" +
                 "closed,O,S,llama2-70b-99.9,Offline,NVIDIA L40S,8,2,Offline,1000,\n" +
                 "closed,O,S,llama2-70b-99,Server,\"A (x32), B (x16)\",8,6,Server,,900\n" +
                 "open,O,S,llama2-70b-99,Server,A,8,6,Server,,900\n");
  const MlperfData read = read_mlperf(data.root());
  REQUIRE(read.rows.size() == 2);
  CHECK(read.repeated == 1);
  CHECK(read.open_division == 1);
  CHECK(read.rows[0].accelerators.front().count == 16);
  REQUIRE(read.rows[1].accelerators.size() == 2);
  CHECK(read.rows[1].accelerators[1].count == 16);
  CHECK(read.rows[1].tokens_per_s == 900);
}

}  // namespace plimsoll
