// The runs of the prefill:decode sweep, read from small tables.
#include "planner/validation/ratio_rows.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/unit/validation/data_folder.hpp"

namespace plimsoll {
namespace {

constexpr const char* kHeader =
    "prefill,decode,conc,isl,osl,date,num_prompts,completed,duration,total_input_tokens,"
    "total_output_tokens,output_throughput,mean_ttft_ms,mean_tpot_ms\n";

std::string run(const char* workers, const char* date, const char* rest = "60,6400,5000") {
  return std::string(workers) + ",32,128,200," + date + ",50,50," + rest + ",100,90,8\n";
}

}  // namespace

TEST_CASE("runs that follow each other within ten minutes are one session of the same servers",
          "[validation]") {
  const DataFolder data;
  const auto rows = read_ratio_rows(
      data.write("r.csv", kHeader + run("3,1", "20250930-235930") + run("1,3", "20250914-015043") +
                              run("3,1", "20251001-000130") + run("3,1", "20251001-003000")));
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].deployment() == "1p3d");
  CHECK(rows[0].load() == "128/200 x32");
  CHECK(rows[0].ended_s - rows[0].began_s == 60);
  CHECK(rows[2].ended_s - rows[1].ended_s == 120);  // over the end of a month
  CHECK(sessions_of(rows) == std::vector<RatioSession>{{0}, {1, 2}, {3}});
}

TEST_CASE("answers of a run have its mean and keep its limit, and its prompts are those of others",
          "[validation]") {
  const DataFolder data;
  for (const char* answered : {"5000", "9000", "50"}) {
    const auto rows = read_ratio_rows(data.write(
        "r.csv",
        kHeader + run("1,1", "20250914-015043", ("60,6400," + std::string(answered)).c_str())));
    const SharedPrompts shared = shared_prompts(rows);
    const std::vector<TrialRequest> requests = requests_of(rows.front(), shared);
    REQUIRE(requests.size() == 50);
    double tokens = 0;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      tokens += requests[i].output_tokens;
      CHECK(requests[i].output_tokens >= 1);
      CHECK(requests[i].output_tokens <= 200);
      CHECK(requests[i].prompt_tokens == 128);
      CHECK(requests[i].prefix.count == 2);
      CHECK(shared.blocks->of(requests[i].prefix).front() == requests[i].prefix.first);
      if (i > 0) CHECK(requests[i].prefix.first >= requests[i - 1].prefix.first + 2);
    }
    CHECK(tokens / 50 == Approx(std::stod(answered) / 50).margin(0.6));
  }
}

TEST_CASE("a time that is none and a load that is too large are refused with their line",
          "[validation]") {
  const DataFolder data;
  for (const char* wrong : {"2025-09-14 01:50", "20251314-015043", "20250914015043-", ""}) {
    const auto file = data.write("r.csv", kHeader + run("1,1", wrong));
    const std::string fault = fault_of([&] { read_ratio_rows(file); });
    CHECK(fault.find("r.csv:2") != std::string::npos);
    CHECK(fault.find("date") != std::string::npos);
  }
  const auto file = data.write(
      "r.csv",
      std::string(kHeader) + "1,1,32,100000,200,20250914-015043,100000,50,60,6400,5000,100,90,8\n");
  CHECK(fault_of([&] { read_ratio_rows(file); }).find("num_prompts") != std::string::npos);
}

}  // namespace plimsoll
