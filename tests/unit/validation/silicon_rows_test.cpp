#include "planner/validation/silicon_rows.hpp"

#include "planner/validation/silicon_bench.hpp"
#include "tests/catch.hpp"
#include "tests/unit/validation/data_folder.hpp"

namespace plimsoll {
namespace {

const std::string kHeader =
    "id,silicon_data_source,backend,backend_version,model_path,system,mode,isl,osl,"
    "gemm_quant_mode,moe_quant_mode,tp_size,pp_size,attention_dp_size,moe_tp_size,moe_ep_size,"
    "silicon_ttft_ms,silicon_tpot_ms\n";

/// One row; `cut` is tp, pp, attention_dp, moe_tp, moe_ep.
std::string row(
    const std::string& id, const std::string& cut,
    const std::string& source = "source_file=2026.csv; silicon_concurrency=8; wip=False",
    const std::string& times = "100.0,10.0", const std::string& mode = "agg") {
  return id + "," + source + ",vllm,0.19.0,org/m,h100_sxm," + mode + ",1024,1024,fp8,fp8," + cut +
         "," + times + "\n";
}

SiliconData read(const std::string& rows) {
  const DataFolder data;
  data.write("silicon_sample.csv", kHeader + rows);
  return read_silicon(data.root());
}

}  // namespace

TEST_CASE("rows that are no finished aggregated run of their own are counted and left out",
          "[validation]") {
  const SiliconData data =
      read(row("a", "2,1,1,2,1") +
           row("b", "2,1,1,2,1", "source_file=2026.csv; silicon_concurrency=8; wip=True") +
           row("c", "2,1,1,2,1", "source_file=2026.csv; silicon_concurrency=8", "90,9", "disagg") +
           row("d", "2,1,1,2,1", "source_file=2026.csv") +
           row("e", "2,1,1,2,1", "db-dump/1; silicon_concurrency=8", "100.01,10.001") +
           row("f", "2,1,1,2,1", "db-dump/1; silicon_concurrency=16", "100.01,10.001"));
  REQUIRE(data.rows.size() == 2);
  CHECK(data.rows[0].concurrency == 8);
  CHECK(data.rows[1].id == "f");
  CHECK(data.in_file == 6);
  CHECK(data.unfinished == 1);
  CHECK(data.disaggregated == 1);
  CHECK(data.without_load == 1);
  CHECK(data.repeated == 1);
}

TEST_CASE("degrees that were multiplied twice are taken back", "[validation]") {
  const auto cut = [&](const std::string& degrees) {
    const SiliconData data = read(row("a", degrees));
    REQUIRE(data.rows.size() == 1);
    return data.rows[0].parallelism;
  };
  CHECK(cut("8,1,1,8,1") == Parallelism{8, 1, 1, 1});
  CHECK(cut("64,1,1,8,8") == Parallelism{8, 1, 8, 1});
  CHECK(cut("1,1,64,8,8") == Parallelism{1, 1, 8, 8});
  CHECK(cut("4,1,4,1,16") == Parallelism{1, 1, 4, 4});
  CHECK(cut("4,1,,2,2") == Parallelism{4, 1, 2, 1});
  CHECK(cut("1,1,,2,1") == Parallelism{1, 1, 1, 2});
  CHECK(read(row("a", "2,1,1,8,1")).unclear_cut == 1);
}

TEST_CASE("a wrong number or mode is refused with its line", "[validation]") {
  const auto fault = [](const std::string& text) { return fault_of([&] { read(text); }); };
  const std::string load = "x; silicon_concurrency=8";
  CHECK_THAT(fault(row("a", "2,1,1,2,1", load, "0,10")),
             Catch::Contains(":2") && Catch::Contains("silicon_ttft_ms = \"0\""));
  CHECK_THAT(fault(row("a", "2,1,1,2,1", load, "1,1", "both")), Catch::Contains("mode = \"both\""));
}

TEST_CASE("a version gets the nearest profile of its engine", "[validation]") {
  const std::vector<std::string> profiles{"sglang-0.5", "tensorrt-llm-1", "vllm-0.11", "vllm-0.15",
                                          "vllm-0.19"};
  CHECK(nearest_engine(profiles, "vllm", "0.18.0") == "vllm-0.19");
  CHECK(nearest_engine(profiles, "vllm", "") == "vllm-0.11");
  CHECK(nearest_engine(profiles, "vllm", "0.11.2", "0.15") == "vllm-0.15");
  CHECK(nearest_engine(profiles, "trtllm", "1.2.0rc6.post2") == "tensorrt-llm-1");
  CHECK(nearest_engine(profiles, "sglang", "nightly-dev") == "sglang-0.5");
  CHECK_FALSE(nearest_engine(profiles, "lmdeploy", "1.0"));
}

TEST_CASE("InferenceX's lengths spread evenly from 0.8 of the nominal ones", "[validation]") {
  SiliconRow load;
  load.prompt_tokens = 1000;
  load.output_tokens = 500;
  load.concurrency = 64;
  load.spread_lengths = true;
  double prompts = 0;
  const auto requests = bench_requests(load);
  REQUIRE(requests.size() == 640);
  for (const TrialRequest& request : requests) {
    CHECK(request.prompt_tokens >= 800);
    CHECK(request.prompt_tokens <= 1000);
    prompts += request.prompt_tokens;
  }
  CHECK(prompts / 640 == Approx(900).epsilon(0.01));
  load.spread_lengths = false;
  CHECK(bench_requests(load).front().prompt_tokens == 1000);
}

}  // namespace plimsoll
