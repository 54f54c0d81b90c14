// From a benchmark's file to an anchor and its file: a benchmark that a known anchor made leads back to it.
#include "planner/calibration/load_points.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"
#include "core/random_stream.hpp"
#include "tests/catch.hpp"
#include "tests/unit/planner/anchored_law.hpp"
#include "tests/unit/traces/trace_files.hpp"

using namespace plimsoll;
using test::TemporaryFolder;

namespace {

Anchor slower() {
  Anchor anchor;
  anchor.decode_scale = 1.15;
  anchor.front_end = Seconds{8e-3};
  return anchor;
}

/// What `vllm bench serve --save-result --save-detailed` would write of a replica under that anchor.
std::string bench_json(const Anchor& anchor, std::int32_t concurrency) {
  const RandomStream draw(static_cast<std::uint64_t>(concurrency), "tests/load_points", "lengths");
  std::vector<TrialRequest> requests;
  for (std::uint64_t i = 0; i < 120; ++i)
    requests.push_back({900 + static_cast<std::int32_t>(below(200, draw.bits(i, 0))),
                        90 + static_cast<std::int32_t>(below(20, draw.bits(i, 1))),
                        {}});
  const auto outcomes = run_trial(anchored_deployment(anchor), requests, concurrency);
  std::string prompts, outputs, ttfts, gaps, starts;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const char* comma = i == 0 ? "" : ",";
    prompts += fmt::format("{}{}", comma, requests[i].prompt_tokens);
    outputs += fmt::format("{}{}", comma, requests[i].output_tokens);
    ttfts += fmt::format("{}{}", comma, outcomes[i].ttft_s());
    gaps += fmt::format("{}[{}]", comma, to_seconds(outcomes[i].finish - outcomes[i].first_token));
    starts += fmt::format("{}{}", comma, 100 + to_seconds(outcomes[i].sent));
  }
  return fmt::format(
      R"({{"num_prompts": 120, "completed": 120, "request_rate": "inf", "max_concurrency": {},)"
      R"( "input_lens": [{}], "output_lens": [{}], "ttfts": [{}], "itls": [{}],)"
      R"( "start_times": [{}]}})",
      concurrency, prompts, outputs, ttfts, gaps, starts);
}

}  // namespace

TEST_CASE("two benchmark files lead to the anchor of the server that they were run on",
          "[planner][anchor]") {
  TemporaryFolder folder;
  const std::vector<std::string> paths{folder.write("2.json", bench_json(slower(), 2)),
                                       folder.write("32.json", bench_json(slower(), 32))};
  const std::vector<BenchmarkRun> runs = read_benchmarks(paths);
  REQUIRE(runs.size() == 2);
  std::vector<LoadPoint> points;
  for (const BenchmarkRun& run : runs) points.push_back(load_point(run));
  const AnchorFit fit = fit_anchor(anchored_deployment, points);
  for (const AnchoredPoint& point : fit.points) {
    CHECK(std::abs(point.tpot_error) < 0.01);
    CHECK(std::abs(point.ttft_error) < 0.1);
  }
  CHECK(fit.anchor.decode_scale > 1.01);

  ServingSpec spec;
  spec.model = "m";
  spec.gpu = "g";
  spec.engine = "e";
  spec.parallelism.tensor = 4;
  AnchorFile file = anchor_file(spec, runs, fit);
  file.command = "plimsoll calibrate deployment";
  CHECK(file.concurrency.least == 2);
  CHECK(file.concurrency.most == 32);
  CHECK(file.prompt_tokens.least == Approx(1000).epsilon(0.02));
  CHECK(file.source == "vllm bench serve");
  const AnchorFile again = read_anchor(folder.write("anchor.yaml", anchor_yaml(file)));
  CHECK(anchor_yaml(again) == anchor_yaml(file));
  CHECK(again.deployment == file.deployment);
  CHECK(anchor_of(again).points == 2);
  CHECK(anchor_of(again).decode_scale == fit.anchor.decode_scale);
  CHECK(anchor_of(again).front_end == fit.anchor.front_end);
}

TEST_CASE("one scrape alone, and anchors without points, are refused", "[planner][anchor]") {
  TemporaryFolder folder;
  const auto message = [](const auto& read) -> std::string {
    try {
      read();
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  const std::string scrape = folder.write("1.txt", "vllm:num_requests_running 1\n");
  CHECK(message([&] { read_benchmarks({scrape}); }).find("1.txt: is one scrape") !=
        std::string::npos);
  AnchorFile file;
  file.source = "s";
  file.command = "c";
  file.deployment = {"m", "g", "e", "bf16"};
  file.concurrency = {8, 2};
  const std::string text = message([&] { read_anchor(folder.write("a.yaml", anchor_yaml(file))); });
  INFO(text);
  CHECK(text.find("points is empty") != std::string::npos);
  CHECK(text.find("concurrency.least is above its most") != std::string::npos);
}
