#include "traces/gavel.hpp"

#include <cstdlib>
#include <iostream>

#include "tests/catch.hpp"
#include "tests/unit/validation/data_folder.hpp"

namespace plimsoll {

namespace {

constexpr const char* kThroughputs = R"json({
 "v100": {"('LM (batch size 5)', 1)": {"null": 10.0, "('A3C', 1)": [1, 2]}},
 "k80": {"('LM (batch size 5)', 1)": {"null": 2.0}},
 "k80_unconsolidated": {}})json";

}  // namespace

TEST_CASE("Gavel's throughputs are those of jobs alone, by kind of GPU in the order of names",
          "[traces][jobs]") {
  const DataFolder data;
  const auto read = read_gavel_throughputs(data.write("t.json", kThroughputs));
  CHECK(read.kinds == std::vector<std::string>{"k80", "v100"});
  REQUIRE(read.steps_per_s.size() == 1);
  CHECK(read.steps_per_s.at({"LM (batch size 5)", 1}) == std::vector<double>{2, 10});
}

TEST_CASE("a Gavel job takes its steps over the rate of the kind that it runs on",
          "[traces][jobs]") {
  const DataFolder data;
  const auto throughputs = read_gavel_throughputs(data.write("t.json", kThroughputs));
  const auto file = data.write("a.trace", "LM (batch size 5)\tpython\t--steps\t1\t500\t60.5\t1\n");
  const auto jobs = gavel_jobs(read_gavel_trace(file), throughputs, file);
  REQUIRE(jobs.size() == 1);
  CHECK(to_seconds(jobs[0].submitted_at) == Approx(60.5));
  PlacementShape on_k80{{1}, 0, -1}, on_v100{{1}, 1, -1};
  CHECK(to_seconds(jobs[0].model->time_to_end({}, on_k80)) == Approx(250));
  const JobProgress half = jobs[0].model->after({}, on_k80, from_seconds(125));
  CHECK(to_seconds(jobs[0].model->time_to_end(half, on_v100)) == Approx(25));
}

TEST_CASE("what is wrong with a Gavel trace is said with its place", "[traces][jobs]") {
  const DataFolder data;
  const auto fault = [&](const char* line) {
    const auto file = data.write("bad.trace", line);
    return fault_of([&] { read_gavel_trace(file); }).substr(file.string().size());
  };
  CHECK(fault("LM\tpython\t--steps\t1\t500\t0\n").starts_with(":1:1: 6 fields between tabs"));
  CHECK(fault("LM\tpython\t--steps\t1\tmany\t0\t1\n") ==
        ":1:21: steps = \"many\" is no number from 1.");
  CHECK(fault("LM\tpython\t--steps\t1\t5\t-1\t1\n") ==
        ":1:23: arrival = \"-1\" is no number from 0.");
  const auto file = data.write("t.json", R"({"v100": {"LM": {"null": 1}}})");
  CHECK(fault_of([&] { read_gavel_throughputs(file); }).find("is no ('type', GPUs)") !=
        std::string::npos);
}

}  // namespace plimsoll
