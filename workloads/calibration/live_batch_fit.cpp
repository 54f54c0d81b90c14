// What live batches add to decode attention, whose law is of pure batches of equal contexts:
// contexts that differ in length, and prompts in the same batch.
//
// Kernels that split no context leave it to one block of threads: the longest ones finish late, and
// all the more of the GPU idles the fewer tiles (sequences times KV heads) there are. A mixed batch
// runs in the prefill kernel, in which each query head reads its contexts by itself, and which
// starts blocks for the longest chunk's rows of every sequence, most of them with nothing to do.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/portable_math.hpp"
#include "workloads/calibration/profiled_models.hpp"
#include "workloads/calibration/robust_curve.hpp"
#include "workloads/calibration/robust_grid.hpp"

namespace plimsoll {
namespace {

constexpr double kHuber = 0.1;
constexpr double kMostFactor = 20;
constexpr double kMostHeadUs = 1;
constexpr double kMostRowUs = 0.01;
/// Tokens per sequence of live batches; longer contexts of many sequences than these fit no GPU's
/// memory.
constexpr double kLeastContext = 256;
constexpr double kMostContext = 2048;
/// Of pure batches: with fewer sequences, tiles are few because of the batch, and contexts differ
/// less.
constexpr double kLeastSequences = 16;
/// Of the lengths within a batch, what recorded runs have: their coefficient of variation is 0.4 to
/// 0.7, and a few sequences are three or four times as long as the mean.
constexpr double kLiveVariation = 0.5;

using Place = std::pair<double, double>;  ///< sequences, query heads per KV head
using Median = std::map<double, std::vector<double>>;

/// Of `longer` of n contexts the longest ones, the others alike.
double variation(const SpreadRow& row) {
  const double share = row.longer / row.batch.sequences;
  const double shorter = (row.batch.context - share * row.longest) / (1 - share);
  return std::sqrt(share * (1 - share)) * (row.longest - shorter) / row.batch.context;
}

/// A batch of the law's kernel, with what the law says of it.
struct Batch {
  Place place;
  double tiles = 0;
  double heads = 0;
  double chunk = 0;
  double base_us = 0;  ///< a pure batch's
  double work_us = 0;  ///< of the chunk
  double read_us = 0;  ///< of all contexts, as in a pure batch
  double us = 0;       ///< measured
};

class LiveBatches {
 public:
  LiveBatches(const Measurements& from, const ModelLookup& models, const DeviceRates& rates,
              const PrefillAttentionLaw& prefill, DecodeAttentionLaw& law)
      : from_(from), models_(models), rates_(rates), prefill_(prefill), law_(law) {}

  void fit() {
    const std::vector<const SpreadRow*> live = live_rows();
    std::vector<std::int32_t> sets;
    for (const SpreadRow* row : live) sets.push_back(row->batch.set);
    if (!sets.empty())
      law_.quality.source += "; contexts of different lengths: " + source_text(from_, sets);
    fit_spread(live);
    const std::vector<Batch> mixed = mixed_batches();
    if (mixed.size() < kLeastRows) return;
    std::map<Place, double> factors = fit_mixed(mixed);
    add_spread(live, factors);
    law_.mixed_read = grid_of(factors);
  }

 private:
  bool of_kernel(const ModelSpec& model) const {
    return law_.kind.window == 0 && model.head_dim == law_.kind.head_dim;
  }

  Batch batch_of(const BatchRow& row, const ModelSpec& model) const {
    Batch batch;
    batch.heads = rank_heads(model.heads, row.of.tensor);
    const double kv_heads = kv_heads_per_rank(model, row.of.tensor);
    batch.place = {row.sequences, batch.heads / kv_heads};
    batch.tiles = row.sequences * kv_heads;
    batch.chunk = row.chunk;
    batch.base_us = law_.base_us.factor(std::array{row.sequences + 1, batch.heads});
    batch.work_us = prefill_attention_us(row.chunk, batch.heads, 0, rates_, prefill_);
    batch.read_us =
        row.sequences * row.context * decode_read_us(row.sequences, kv_heads, rates_, law_);
    batch.us = row.us;
    return batch;
  }

  /// Of batches that differ in nothing else, those whose lengths vary as in live ones with the
  /// fewest longer sequences.
  std::vector<const SpreadRow*> live_rows() const {
    using Key = std::tuple<ProfiledModel, double, double, double>;
    std::map<Key, double> fewest;
    const auto key = [](const SpreadRow& row) {
      return Key{row.batch.of, row.batch.sequences, row.batch.chunk, row.longest};
    };
    const auto wanted = [](const SpreadRow& row) {
      return row.batch.cached == 0 && row.batch.context >= kLeastContext &&
             row.batch.context <= kMostContext && variation(row) >= kLiveVariation;
    };
    for (const SpreadRow& row : from_.spread) {
      if (!wanted(row)) continue;
      double& least = fewest.emplace(key(row), row.longer).first->second;
      least = std::min(least, row.longer);
    }
    std::vector<const SpreadRow*> live;
    for (const SpreadRow& row : from_.spread)
      if (wanted(row) && row.longer == fewest.at(key(row)) &&
          of_kernel(known_model(from_, row.batch.of, row.batch.set, models_)))
        live.push_back(&row);
    return live;
  }

  /// What a row's reads cost against those of equal contexts, of which a token costs `factor`.
  static double spread_of(const SpreadRow& row, const Batch& batch, double factor) {
    return std::max(1.0, 1 + (row.batch.us - row.even_us) / (factor * batch.read_us));
  }

  Batch batch_of(const SpreadRow& row) const {
    return batch_of(row.batch, known_model(from_, row.batch.of, row.batch.set, models_));
  }

  void fit_spread(const std::vector<const SpreadRow*>& live) {
    Median factors;
    for (const SpreadRow* row : live) {
      if (row->batch.chunk > 0 || row->batch.sequences < kLeastSequences) continue;
      const Batch batch = batch_of(*row);
      factors[batch.tiles].push_back(spread_of(*row, batch, 1));
    }
    law_.spread = {};
    if (factors.empty()) return;
    law_.spread.axes = {{"tiles", {}}};
    for (const auto& [tiles, values] : factors) {
      law_.spread.axes[0].knots.push_back(tiles);
      law_.spread.log_factors.push_back(portable::log(quantile(values, 0.5)));
    }
  }

  std::vector<Batch> mixed_batches() const {
    std::vector<Batch> batches;
    for (const BatchRow& row : from_.batches) {
      if (row.chunk == 0 || row.cached > 0 || row.sequences == 0 || row.context > kMostContext)
        continue;
      const ModelSpec model = known_model(from_, row.of, row.set, models_);
      if (of_kernel(model)) batches.push_back(batch_of(row, model));
    }
    return batches;
  }

  /// The times per sequence, and the factor of reads at each place.
  std::map<Place, double> fit_mixed(const std::vector<Batch>& batches) {
    std::map<Place, std::size_t> parameter;
    for (const Batch& batch : batches) parameter.emplace(batch.place, 0);
    std::vector<Parameter> parameters{{0.01, 0, kMostHeadUs}, {1e-5, 0, kMostRowUs}};
    for (auto& [place, index] : parameter) {
      index = parameters.size();
      parameters.push_back({1.5, 1, kMostFactor});
    }
    const auto residual = [&](std::size_t i, const std::vector<double>& p) {
      const Batch& batch = batches[i];
      const double further = batch.place.first * batch.heads * (p[0] + p[1] * batch.chunk);
      const double us = std::max(batch.base_us, prefill_.base_us + further) + batch.work_us +
                        p[parameter.at(batch.place)] * batch.read_us;
      return portable::log(us / batch.us);
    };
    const std::vector<double> fitted = fit_parameters(parameters, batches.size(), residual, kHuber);
    law_.mixed_head_us = fitted[0];
    law_.mixed_row_us = fitted[1];
    std::map<Place, double> factors;
    for (const auto& [place, index] : parameter) factors[place] = fitted[index];
    return factors;
  }

  void add_spread(const std::vector<const SpreadRow*>& live,
                  std::map<Place, double>& factors) const {
    std::map<Place, std::vector<double>> found;
    for (const SpreadRow* row : live) {
      if (row->batch.chunk == 0) continue;
      const Batch batch = batch_of(*row);
      const auto even = factors.find(batch.place);
      if (even != factors.end()) found[batch.place].push_back(spread_of(*row, batch, even->second));
    }
    for (const auto& [place, values] : found) factors.at(place) *= quantile(values, 0.5);
  }

  /// Groups that were not measured at a number of sequences take the nearest measured one's factor.
  static FittedGrid grid_of(const std::map<Place, double>& factors) {
    std::map<double, std::map<double, double>> by_group;
    FittedGrid grid{{{"sequences", {}}, {"group", {}}}, {}};
    std::map<double, bool> sequences;
    for (const auto& [place, factor] : factors) {
      by_group[place.second][place.first] = factor;
      sequences[place.first] = true;
    }
    for (const auto& entry : sequences) grid.axes[0].knots.push_back(entry.first);
    for (const auto& entry : by_group) grid.axes[1].knots.push_back(entry.first);
    for (const auto& [count, seen] : sequences)
      for (const auto& [group, curve] : by_group) {
        const auto at = curve.lower_bound(count);
        grid.log_factors.push_back(
            portable::log(at == curve.end() ? curve.rbegin()->second : at->second));
      }
    return grid;
  }

  const Measurements& from_;
  const ModelLookup& models_;
  const DeviceRates& rates_;
  const PrefillAttentionLaw& prefill_;
  DecodeAttentionLaw& law_;
};

}  // namespace

void fit_live_batches(const Measurements& from, const ModelLookup& models, const DeviceRates& rates,
                      const PrefillAttentionLaw& prefill, DecodeAttentionLaw& law) {
  LiveBatches(from, models, rates, prefill, law).fit();
}

}  // namespace plimsoll
