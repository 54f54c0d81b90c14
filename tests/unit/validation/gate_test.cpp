#include "planner/validation/gate.hpp"

#include "core/error.hpp"
#include "hardware/catalog_paths.hpp"
#include "tests/catch.hpp"
#include "tests/unit/validation/data_folder.hpp"

namespace plimsoll {
namespace {

/// `count` rows of a set with this error each.
std::vector<Prediction> rows_off_by(double error, int count) {
  Prediction prediction{.set = "s",
                        .slice = "gpu engine model",
                        .row = "r",
                        .metric = "tpot_ms",
                        .level = "anchored"};
  prediction.measured = 100;
  prediction.predicted = 100 * (1 + error);
  return std::vector<Prediction>(static_cast<std::size_t>(count), prediction);
}

Expectation expectation(double expected, double margin, std::int64_t rows) {
  Expectation wanted;
  wanted.set = "s";
  wanted.metric = "tpot_ms";
  wanted.target = 0.05;
  wanted.expected = expected;
  wanted.margin = margin;
  wanted.rows = rows;
  return wanted;
}

}  // namespace

TEST_CASE("a figure worse than expected by more than the margin is a regression", "[validation]") {
  const auto worse = judge(rows_off_by(0.061, 10), {expectation(0.04, 0.02, 10)});
  const auto within = judge(rows_off_by(0.059, 10), {expectation(0.04, 0.02, 10)});
  REQUIRE(worse.size() == 1);
  CHECK(worse[0].regressed);
  CHECK_FALSE(worse[0].target_met);
  CHECK_FALSE(within[0].regressed);
}

TEST_CASE("other rows than the expected ones are judged with twice the margin", "[validation]") {
  CHECK_FALSE(judge(rows_off_by(0.079, 7), {expectation(0.04, 0.02, 10)})[0].regressed);
  CHECK(judge(rows_off_by(0.081, 7), {expectation(0.04, 0.02, 10)})[0].regressed);
}

TEST_CASE("few other rows count with the lower end of their median", "[validation]") {
  CHECK(median_lower_end({5, 1, 3}) == 1);
  std::vector<double> hundred;
  for (int i = 0; i < 100; ++i) hundred.push_back(i);
  CHECK(median_lower_end(hundred) == 40);
}

TEST_CASE("an expectation without rows in the run gives no verdict", "[validation]") {
  auto wanted = expectation(0.04, 0.02, 10);
  wanted.gpus = {"another_gpu"};
  CHECK(judge(rows_off_by(0.5, 10), {wanted}).empty());
  wanted.gpus = {"gpu"};
  CHECK(judge(rows_off_by(0.5, 10), {wanted}).size() == 1);
}

TEST_CASE("unanchored figures leave anchored predictions out", "[validation]") {
  auto wanted = expectation(0.04, 0.02, 10);
  wanted.anchored = false;
  CHECK(judge(rows_off_by(0.5, 10), {wanted}).empty());
}

TEST_CASE("the expectations that ship can be read", "[validation]") {
  const auto file = shipped_data() / "planner" / "validation" / "expected" / "serving.yaml";
  for (const Expectation& wanted : read_expectations(file)) {
    CHECK(wanted.rows > 0);
    CHECK_FALSE(wanted.metric.empty());
  }
}

TEST_CASE("an unknown figure or key in the expectations is refused", "[validation]") {
  const DataFolder data;
  const auto figure = data.write("figure.yaml",
                                 "figures:\n  - {set: a, metric: b, figure: mean, expected: 1, "
                                 "margin: 1, rows: 1}\n");
  CHECK(fault_of([&] { read_expectations(figure); }).find("median_error") != std::string::npos);
  const auto key = data.write("key.yaml",
                              "figures:\n  - {set: a, metric: b, expected: 1, margin: 1, rows: 1, "
                              "goal: 2}\n");
  CHECK(fault_of([&] { read_expectations(key); }).find("goal") != std::string::npos);
}

}  // namespace plimsoll
