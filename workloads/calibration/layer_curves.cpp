// Layers that were profiled as they are: their curves, and their attention as rows of the attention laws.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "core/portable_math.hpp"
#include "workloads/calibration/law_fits.hpp"
#include "workloads/calibration/measured_curve.hpp"
#include "workloads/calibration/robust_curve.hpp"

namespace plimsoll {
namespace {

constexpr double kMixedHuber = 0.1;
constexpr double kMostMixedFactor = 10;
constexpr double kMostMixedSequenceUs = 10;
constexpr double kMostMixedContext =
    4096;  // per sequence: beyond, more than a model's KV fits a GPU
constexpr double kLeastMixedSequences = 16;  // fewer leave most of the GPU idle

ModelSpec known_model(const Measurements& from, const ProfiledModel& of, std::int32_t set,
                      const ModelLookup& models) {
  if (auto model = models(of.model)) return *model;
  const MeasurementSet& at = from.sets[static_cast<std::size_t>(set)];
  throw ConfigError(Position{at.file},
                    fmt::format("profiles {}, which no file of workloads/catalog/models has among "
                                "its aliases; add one.",
                                of.model));
}

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

/// At each number of tokens, the time with as many experts activated as a random router is expected to.
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

double rank_heads(std::int32_t heads, std::int32_t tensor) {
  return std::max(1.0, static_cast<double>(heads) / tensor);
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

// A mixed batch is taken to cost the larger of both laws' bases, the chunk's work, and each read `factor` times.
// Without a time per sequence on top, short contexts would make reads seem dearer than they are.
FittedGrid fit_mixed_read(const Measurements& from, const ModelLookup& models,
                          const DeviceRates& rates, const DecodeAttentionLaw& decode,
                          const PrefillAttentionLaw& prefill) {
  struct Mixed {
    double us, chunk_us, read_us, sequences;
  };
  std::map<double, std::vector<Mixed>> groups;
  for (const BatchRow& row : from.batches) {
    if (row.chunk == 0 || row.cached > 0 || row.sequences < kLeastMixedSequences ||
        row.context > kMostMixedContext)
      continue;
    const ModelSpec model = known_model(from, row.of, row.set, models);
    if (model.head_dim != decode.kind.head_dim) continue;
    const double heads = rank_heads(model.heads, row.of.tensor);
    const double kv_heads = kv_heads_per_rank(model, row.of.tensor);
    const double base = std::max(
        prefill.base_us, decode.base_us.factor(std::vector<double>{row.sequences + 1, heads}));
    groups[heads / kv_heads].push_back(
        {row.us, base + prefill_attention_us(row.chunk, heads, 0, rates, prefill),
         row.sequences * row.context * decode_read_us(row.sequences, kv_heads, rates, decode),
         row.sequences});
  }
  std::map<double, double> factors;
  for (const auto& entry : groups) {
    const std::vector<Mixed>& rows = entry.second;
    if (rows.size() < kLeastRows) continue;
    const auto residual = [&rows](std::size_t i, const std::vector<double>& p) {
      const double us = rows[i].chunk_us + p[0] * rows[i].read_us + p[1] * rows[i].sequences;
      return portable::log(us / rows[i].us);
    };
    factors[entry.first] =
        fit_parameters({{1.5, 1, kMostMixedFactor}, {0.1, 0, kMostMixedSequenceUs}}, rows.size(),
                       residual, kMixedHuber)[0];
  }
  return measured_curve("group", factors);
}

}  // namespace plimsoll
