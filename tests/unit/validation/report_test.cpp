#include "planner/validation/report.hpp"

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "planner/validation/table.hpp"
#include "tests/catch.hpp"

namespace plimsoll {
namespace {

Prediction row(double measured, double predicted, const std::string& among = "") {
  Prediction prediction{.set = "s",
                        .slice = "gpu engine model",
                        .row = "r",
                        .metric = "tpot_ms",
                        .level = "operator tables"};
  prediction.measured = measured;
  prediction.predicted = predicted;
  prediction.ranked_among = among;
  return prediction;
}

std::vector<const Prediction*> pointers(const std::vector<Prediction>& predictions) {
  std::vector<const Prediction*> all;
  for (const Prediction& each : predictions) all.push_back(&each);
  return all;
}

}  // namespace

TEST_CASE("a summary counts errors by size and keeps their sign apart", "[validation]") {
  const std::vector<Prediction> rows{row(100, 90), row(100, 110), row(100, 130), row(100, 80),
                                     row(100, 95)};
  const ErrorSummary summary = summarize(pointers(rows));
  CHECK(summary.rows == 5);
  CHECK(summary.median_error == Approx(0.10));
  CHECK(summary.signed_median == Approx(-0.05));
  CHECK(summary.p90_error == Approx(0.26));
  CHECK(std::isnan(summary.kendall_tau));
}

TEST_CASE("rows that the models were anchored to are never scored", "[validation]") {
  std::vector<Prediction> rows{row(100, 100), row(100, 150)};
  rows[0].anchor_point = true;
  const ErrorSummary summary = summarize(pointers(rows));
  CHECK(summary.rows == 1);
  CHECK(summary.anchors == 1);
  CHECK(summary.median_error == Approx(0.5));
}

TEST_CASE("Kendall's tau compares rows of the same load only", "[validation]") {
  // a: 1 < 2 < 3 predicted as 1 < 3 > 2: two of three pairs agree. b: one pair, and it agrees.
  const std::vector<Prediction> rows{row(1, 1, "a"), row(2, 3, "a"), row(3, 2, "a"),
                                     row(10, 1, "b"), row(20, 2, "b")};
  const ErrorSummary summary = summarize(pointers(rows));
  CHECK(summary.pairs == 4);
  CHECK(summary.kendall_tau == Approx(0.5));
}

TEST_CASE("a tie in the prediction agrees with nobody, one in the measurement is no pair",
          "[validation]") {
  RankAgreement agreement;
  const std::vector<Prediction> rows{row(1, 5), row(2, 5), row(2, 7)};
  agreement.add(pointers(rows));
  CHECK(agreement.pairs == 2);
  CHECK(agreement.concordant == 1);
  CHECK(agreement.tau() == Approx(0.5));
}

TEST_CASE("a prediction without a positive finite number is refused with its row", "[validation]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_NOTHROW(check(row(1, 1)));
  CHECK_THROWS_AS(check(row(0, 1)), ConfigError);
  CHECK_THROWS_AS(check(row(1, nan)), ConfigError);
  CHECK_THROWS_WITH(check(row(1, -1)), Catch::Contains("row r"));
}

TEST_CASE("the table shows each slice of a set once and in order", "[validation]") {
  ValidationRun run;
  run.sets = {"s"};
  run.predictions = {row(100, 110), row(100, 120)};
  run.predictions[1].slice = "other engine model";
  const std::string table = render_table(run);
  CHECK(table.find("gpu engine model") < table.find("other engine model"));
  CHECK(table.find("10.0 %") != std::string::npos);
  CHECK(table.find("20.0 %") != std::string::npos);
  CHECK(slices_of(run.predictions).size() == 2);
}

}  // namespace plimsoll
