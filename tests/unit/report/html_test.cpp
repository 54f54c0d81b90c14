// The page as a file: whole, self-contained, harmless and repeatable. What it looks like is for eyes.
#include "report/html.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/curves.hpp"
#include "tests/catch.hpp"
#include "tests/unit/report/plausible_run.hpp"

using namespace plimsoll;

namespace {

std::string rendered(const RunFacts& facts) { return render_html(facts, summarize(facts)); }

/// The text of the data element: up to the first thing that would end it in a browser.
std::string data_text(const std::string& page) {
  const std::string open = "<script id=\"run\" type=\"application/json\">";
  const std::size_t begin = page.find(open) + open.size();
  return page.substr(begin, page.find("</script>", begin) - begin);
}

std::size_t scripts(const std::string& page) {
  std::size_t count = 0;
  for (std::size_t at = page.find("</script"); at != std::string::npos;
       at = page.find("</script", at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("the page holds the numbers of the summary", "[report][html]") {
  const RunFacts facts = tests::plausible_run();
  const Summary summary = summarize(facts);
  const auto data = nlohmann::json::parse(data_text(render_html(facts, summary)));
  for (const Metric& metric : summary.total.metrics) {
    INFO(metric.key);
    const auto& shown = data["total"][metric.key]["value"];
    CHECK((metric.value ? shown == *metric.value : shown.is_null()));
  }
  CHECK(data["scenario_yaml"] == facts.scenario_yaml);
  CHECK(data["pools"][0]["curves_s"]["ttft"].size() == data["cdf_shares"].size());
  CHECK(data["pools"][0]["time_line"]["time_s"].size() <= 600);
}

TEST_CASE("the page has the level of the model and what was not measured", "[report][html]") {
  RunFacts facts = tests::plausible_run();
  facts.pools[0].extrapolations = "extrapolating: first.\nextrapolating: second.";
  const auto data = nlohmann::json::parse(data_text(rendered(facts)));
  CHECK(data["pools"][0]["step_time_level"] == "closed form");
  CHECK(data["pools"][0]["extrapolations"] == facts.pools[0].extrapolations);
}

TEST_CASE("markup in names and scenario stays text", "[report][html]") {
  RunFacts facts = tests::plausible_run();
  const std::string evil = "\"'</script><script>alert(1)</script><!-- <img src=x onerror=y>";
  facts.pools[0].name = facts.pools[0].model = facts.scenario_yaml = evil;
  const std::string page = rendered(facts);
  CHECK(scripts(page) == scripts(rendered(tests::plausible_run())));
  const auto data = nlohmann::json::parse(data_text(page));
  CHECK(data["pools"][0]["name"] == evil);
  CHECK(data["scenario_yaml"] == evil);
}

TEST_CASE("the page needs nothing but itself", "[report][html]") {
  const std::string page = rendered(tests::plausible_run());
  for (const char* reference : {"src=", "href=", "url(", "@import", "fetch(", "innerHTML"}) {
    INFO(reference);
    CHECK(page.find(reference) == std::string::npos);
  }
  CHECK(page.size() < 300'000);
}

TEST_CASE("equal facts give equal pages", "[report][html]") {
  CHECK(rendered(tests::plausible_run()) == rendered(tests::plausible_run()));
}

TEST_CASE("a run in which nothing happened has a page", "[report][html]") {
  RunFacts facts;
  facts.pools.emplace_back();
  const auto data = nlohmann::json::parse(data_text(rendered(facts)));
  CHECK(data["pools"][0]["curves_s"]["ttft"].empty());
  CHECK(data["pools"][0]["time_line"]["time_s"].empty());
}

TEST_CASE("a drawn distribution rises from the least to the largest value", "[report][curves]") {
  const RunFacts facts = tests::plausible_run();
  const PoolTally counted = tally(facts.pools[0], facts.end_ns);
  const std::vector<double> curve = report::latency_curves(counted).ttft_s;
  REQUIRE(curve.size() == report::cdf_shares().size());
  CHECK(std::is_sorted(curve.begin(), curve.end()));
  const auto [least, most] = std::minmax_element(counted.ttft_ns.begin(), counted.ttft_ns.end());
  CHECK(curve.front() == Approx(static_cast<double>(*least) * 1e-9).epsilon(0.001));
  CHECK(curve.back() == Approx(static_cast<double>(*most) * 1e-9).epsilon(0.001));
}

TEST_CASE("a thinned time line loses no request", "[report][curves]") {
  const PoolFacts pool = tests::plausible_pool("chat");
  for (const std::size_t rows : {1u, 7u, 100u, 600u, 10'000u}) {
    const report::TimeLine line = report::time_line(pool, rows);
    CHECK(line.time_s.size() <= rows);
    double arrived = 0;
    double before = 0;
    for (std::size_t i = 0; i < line.time_s.size(); ++i) {
      arrived += line.arrived_per_s[i] * (line.time_s[i] - before);
      before = line.time_s[i];
    }
    CHECK(arrived == Approx(3000));
    CHECK(before == Approx(620));
  }
}
