// The terminal's summary, its JSON twin and the line of progress.
#include "report/terminal.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "report/progress.hpp"
#include "report/summary_json.hpp"
#include "tests/catch.hpp"
#include "tests/unit/report/plausible_run.hpp"

using namespace plimsoll;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string rendered(const RunFacts& facts) { return render_summary(facts, summarize(facts)); }

}  // namespace

TEST_CASE("the summary shows what a planner asks for, below 100 columns", "[report][terminal]") {
  const std::string text = rendered(tests::plausible_run());
  for (const char* part :
       {"3,000 arrived", "TTFT", "ITL", "TPOT", "E2E", "p99", "TTFT <= 1.00 s", "Goodput",
        "KV cache", "of all 16 in the cluster", "per million output tokens", "kWh",
        "(closed form) errs by a median of 12.0 %", "0123456789abcdef0123456789abcdef"}) {
    INFO(part);
    CHECK(contains(text, part));
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() < 100);
}

TEST_CASE("a pool with prefill replicas says where each part runs and how KV caches move",
          "[report][terminal]") {
  RunFacts facts = tests::plausible_run();
  PoolFacts& pool = facts.pools[0];
  pool.prefill = {3, 8, 4000, "nvidia_h200_sxm", 3, 110, {300, 500}};
  for (std::uint32_t i = 0; i < 200; ++i) {
    pool.kv_transfers.push_back({i, i % 3, 3 + i % 2, 1'000'000, 5'000'000, 9'000'000, 12'500'000});
  }
  const std::string text = rendered(facts);
  for (const char* part : {"3 x 8 nvidia_h200_sxm for prefill", "2 x 4 nvidia_h100_sxm for decode",
                           "(32 GPUs)", "in 3.50 ms on average", "waits 4.00 ms on average"}) {
    INFO(part);
    CHECK(contains(text, part));
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() < 100);
  CHECK_FALSE(contains(rendered(tests::plausible_run()), "KV moved"));
}

TEST_CASE("several pools have a block each and one in all", "[report][terminal]") {
  RunFacts facts = tests::plausible_run();
  facts.pools.push_back(tests::plausible_pool("code"));
  const std::string text = rendered(facts);
  CHECK(contains(text, "\nchat: "));
  CHECK(contains(text, "\ncode: "));
  CHECK(contains(text, "\nAll 2 pools\n"));
  CHECK(contains(text, "6,000 arrived"));
}

TEST_CASE("what is undefined is not shown as a number", "[report][terminal]") {
  RunFacts facts = tests::plausible_run();
  facts.pools[0].requests.clear();
  facts.pools[0].itl_runs.clear();
  facts.pools[0].slo_ttft_ns = facts.pools[0].slo_tpot_ns = 0;
  const std::string text = rendered(facts);
  CHECK(contains(text, "ttft p99: not enough data: 0 values, 100 needed"));
  CHECK(contains(text, "SLO       n/a (no such objective)"));
  CHECK_FALSE(contains(text, "nan"));
}

TEST_CASE("each line of what was not measured stands in the summary and in its JSON",
          "[report][terminal][json]") {
  RunFacts facts = tests::plausible_run();
  facts.pools[0].extrapolations = "extrapolating: first.\nextrapolating: second.";
  const std::string text = rendered(facts);
  CHECK(contains(text, "\n    extrapolating: first.\n    extrapolating: second.\n"));
  const auto json = nlohmann::json::parse(summary_json(facts, summarize(facts)));
  CHECK(json["pools"][facts.pools[0].name]["extrapolations"] ==
        nlohmann::json({"extrapolating: first.", "extrapolating: second."}));
  CHECK(json["pools"][facts.pools[0].name]["step_time_level"] == "closed form");
}

TEST_CASE("control characters of a name do not reach the terminal", "[report][terminal]") {
  RunFacts facts = tests::plausible_run();
  facts.pools[0].name = "chat\x1b[31m\n";
  CHECK(contains(rendered(facts), "chat?[31m?: "));
}

TEST_CASE("the JSON object has the numbers of the summary under their keys", "[report][json]") {
  RunFacts facts = tests::plausible_run();
  facts.pools[0].busy_power_w.clear();
  facts.pools[0].name = "a \"quoted\" name \xff";
  const Summary summary = summarize(facts);
  const auto json = nlohmann::json::parse(summary_json(facts, summary));
  CHECK(json["seed"] == 7);
  for (const Metric& metric : summary.total.metrics) {
    INFO(metric.key);
    if (metric.value) {
      CHECK(json["total"][metric.key] == *metric.value);
    } else {
      CHECK(json["total"][metric.key].is_null());
      CHECK(json["total"]["absent"][metric.key] == metric.absent);
    }
  }
  CHECK(json["total"]["energy_kwh"].is_null());
  CHECK(json["total"]["intervals_95"]["ttft_p99_s"][0] == *summary.total.at("ttft_p99_s").low);
  CHECK(json["total"]["samples"]["ttft_p99_s"] == 3000);
  CHECK(json["pools"].contains("a \"quoted\" name \uFFFD"));
}

TEST_CASE("the line of progress says how far, how fast and how long", "[report][progress]") {
  CHECK(progress_line({1800, 3600, 512'000, 2}) ==
        "[########        ]  50 %  30 min 0 s simulated  256,000 requests/s  ETA 2.00 s");
  CHECK(contains(progress_line({3700, 3600, 10, 2}), "draining"));
  CHECK(contains(progress_line({0, 3600, 0, 0}), "  0 %"));
  CHECK(contains(progress_line({0, 0, 0, 1}), "  0 %"));
  CHECK(progress_line({86399, 864000, 123'456'789, 100'000}).size() < 80);
}

TEST_CASE("a stream that is no terminal gets no line of progress", "[report][progress]") {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  ProgressBar bar(file);
  bar.update({1, 2, 3, 4});
  bar.clear();
  CHECK(std::ftell(file) == 0);
  std::fclose(file);
}
