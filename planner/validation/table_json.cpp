// A run of the validation sets as JSON, for plots and for CI.
#include <cmath>
#include <nlohmann/json.hpp>

#include "planner/validation/table.hpp"

namespace plimsoll {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isnan(value) ? Json() : Json(value); }

Json summary_json(const ErrorSummary& summary) {
  return {{"rows", summary.rows},
          {"anchors", summary.anchors},
          {"median_error", number(summary.median_error)},
          {"signed_median_error", number(summary.signed_median)},
          {"p90_error", number(summary.p90_error)},
          {"kendall_tau", number(summary.kendall_tau)},
          {"ranked_pairs", summary.pairs}};
}

Json slice_json(const SliceOfRun& slice) {
  Json json = {{"set", slice.first->set},
               {"slice", slice.first->slice},
               {"metric", slice.first->metric},
               {"level", slice.first->level},
               {"extrapolating_rows", slice.extrapolating}};
  json.update(summary_json(slice.summary));
  return json;
}

Json verdict_json(const Verdict& verdict) {
  const Expectation& wanted = verdict.expectation;
  const bool error = wanted.figure == Expectation::Figure::median_error;
  Json json = {{"set", wanted.set},
               {"metric", wanted.metric},
               {"anchored", wanted.anchored},
               {"gpus", wanted.gpus},
               {"figure", error ? "median_error" : "kendall_tau"},
               {"reached", verdict.figure},
               {"target", wanted.target ? Json(*wanted.target) : Json()},
               {"target_met", wanted.target ? Json(verdict.target_met) : Json()},
               {"expected", wanted.expected},
               {"margin", wanted.margin},
               {"expected_rows", wanted.rows},
               {"regressed", verdict.regressed}};
  json.update(summary_json(verdict.summary));
  return json;
}

Json prediction_json(const Prediction& prediction) {
  return {{"set", prediction.set},
          {"slice", prediction.slice},
          {"row", prediction.row},
          {"metric", prediction.metric},
          {"level", prediction.level},
          {"ranked_among", prediction.ranked_among},
          {"measured", prediction.measured},
          {"predicted", prediction.predicted},
          {"anchor_point", prediction.anchor_point},
          {"extrapolating", prediction.extrapolating}};
}

}  // namespace

std::string render_json(const ValidationRun& run) {
  Json json = {{"sets", run.sets}, {"absent", run.absent}, {"notes", run.notes}};
  json["figures"] = Json::array();
  for (const Verdict& verdict : run.verdicts) json["figures"].push_back(verdict_json(verdict));
  json["slices"] = Json::array();
  for (const SliceOfRun& slice : slices_of(run.predictions))
    json["slices"].push_back(slice_json(slice));
  json["predictions"] = Json::array();
  for (const Prediction& each : run.predictions)
    json["predictions"].push_back(prediction_json(each));
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace plimsoll
