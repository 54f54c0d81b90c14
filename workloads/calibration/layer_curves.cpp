// Layers that were profiled as they are: their curves, and their attention as rows of the attention
// laws.
#include <algorithm>
#include <cmath>
#include <map>

#include "core/portable_math.hpp"
#include "workloads/calibration/measured_curve.hpp"
#include "workloads/calibration/profiled_models.hpp"

namespace plimsoll {
namespace {

struct Points {
  std::map<double, double> layer, step, head;
  std::map<double, std::map<double, double>> experts;  ///< by tokens, by experts activated
  std::vector<std::int32_t> sets;

  void add(const LayerRow& row) {
    switch (row.part) {
      case LayerRow::Part::layer:
        layer[row.count] = row.us;
        break;
      case LayerRow::Part::experts:
        experts[row.count][row.activated] = row.us;
        break;
      case LayerRow::Part::step:
        step[row.count] = row.us;
        break;
      case LayerRow::Part::head:
        head[row.count] = row.us;
        break;
    }
    sets.push_back(row.set);
  }
};

/// At each number of tokens, the time with as many experts activated as a random router is expected
/// to.
std::map<double, double> expected_experts(const Points& points, const ModelSpec& model) {
  std::map<double, double> expected;
  for (const auto& [tokens, by_activated] : points.experts) {
    const FittedGrid curve = measured_curve("activated", by_activated);
    const double experts = model.mixture ? model.mixture->experts : by_activated.rbegin()->first;
    const double share = model.mixture ? model.mixture->experts_per_token / experts : 1.0;
    const double activated = experts * (1 - portable::pow(1 - share, tokens));
    expected[tokens] = curve.factor(std::vector<double>{activated});
  }
  return expected;
}

/// A step that decodes has as many tokens as sequences.
std::map<double, double> head_and_step(const Points& points) {
  std::map<double, double> head = points.head;
  if (points.step.empty()) return head;
  const FittedGrid step = measured_curve("tokens", points.step);
  for (auto& [sequences, us] : head) us += step.factor(std::vector<double>{sequences});
  return head;
}

}  // namespace

std::vector<LayerCurve> layer_curves(const Measurements& from, const ModelLookup& models) {
  std::map<ProfiledModel, Points> profiles;
  for (const LayerRow& row : from.layers) profiles[row.of].add(row);
  std::vector<LayerCurve> curves;
  for (const auto& [of, points] : profiles) {
    if (points.layer.size() < kLeastRows) continue;
    LayerCurve& curve = curves.emplace_back();
    const ModelSpec model = known_model(from, of, points.sets[0], models);
    curve.model = model.name;
    curve.dtype = of.dtype;
    curve.tensor = of.tensor;
    curve.layer_us = measured_curve("tokens", points.layer);
    curve.experts_us = measured_curve("tokens", expected_experts(points, model));
    curve.head_us = measured_curve("sequences", head_and_step(points));
    curve.quality.source = source_text(from, points.sets) +
                           "; knots are measured, errors are of each layer_us knot left out";
    state_knot_errors(curve.layer_us, curve.quality);
    curve.quality.rows = static_cast<std::int64_t>(points.sets.size());
  }
  return curves;
}

void add_attention_rows(Measurements& measurements, const ModelLookup& models) {
  for (const BatchRow& row : measurements.batches) {
    const bool decodes = row.chunk == 0 && row.sequences > 0;
    const bool prefills = row.chunk > 0 && row.cached == 0 && row.sequences == 0;
    if (!decodes && !prefills) continue;
    const ModelSpec model = known_model(measurements, row.of, row.set, models);
    AttentionRow& added = (decodes ? measurements.decode : measurements.prefill).emplace_back();
    added.kind.head_dim = model.head_dim;
    added.sequences = decodes ? row.sequences : 1;
    added.tokens = decodes ? row.context : row.chunk;
    added.heads = rank_heads(model.heads, row.of.tensor);
    added.kv_heads = kv_heads_per_rank(model, row.of.tensor);
    added.us = row.us;
    added.set = row.set;
  }
}

// A GPU with as many experts as were activated, each of them by as many tokens, is what expert
// parallelism leaves it.
void add_mixture_rows(Measurements& measurements, const ModelLookup& models) {
  for (const LayerRow& row : measurements.layers) {
    const std::optional<Precision> precision = parse_precision(row.of.dtype);
    if (row.part != LayerRow::Part::experts || !precision) continue;
    const ModelSpec model = known_model(measurements, row.of, row.set, models);
    if (!model.mixture) continue;
    const MixtureShape shape{
        .tokens = row.count,
        .experts = row.activated,
        .experts_per_token = static_cast<double>(model.mixture->experts_per_token),
        .local_experts = row.activated,
        .width = std::ceil(static_cast<double>(model.mixture->intermediate) / row.of.tensor),
        .hidden = static_cast<double>(model.hidden)};
    measurements.mixture.push_back({*precision, shape, 0, row.us, row.set});
  }
}

}  // namespace plimsoll
