// Decode attention: a time per batch and a time per token of context, both on grids, fitted together.
#include <cmath>

#include "workloads/calibration/attention_kinds.hpp"
#include "workloads/calibration/law_fits.hpp"
#include "workloads/calibration/robust_grid.hpp"

namespace plimsoll {
namespace {

constexpr double kSmoothness = 0.01;
constexpr double kLeastGroup = 4;  // query heads per KV head of today's models
constexpr double kMostGroup = 16;
constexpr double kOtherWeight = 0.1;

const std::vector<double> kSequenceKnots{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048};
const std::vector<double> kHeadKnots{1, 4, 8, 16, 32, 64, 96};
const std::vector<double> kKvHeadKnots{1, 2, 4, 8, 16, 32};

double context_of(const AttentionRow& row) {
  const double seen =
      row.kind.window > 0 ? std::min<double>(row.tokens, row.kind.window) : row.tokens;
  return row.sequences * seen;
}

double weight_of(const AttentionRow& row) {
  const double group = row.heads / row.kv_heads;
  return group >= kLeastGroup && group <= kMostGroup ? 1.0 : kOtherWeight;
}

template <class Value>
std::vector<double> collect(const AttentionRows& rows, Value&& value) {
  std::vector<double> values;
  for (const AttentionRow* row : rows) values.push_back(value(*row));
  return values;
}

GridProblem problem_of(const AttentionRows& rows, const DeviceRates& rates,
                       const AttentionKind& kind) {
  const auto sequences = collect(rows, [](const AttentionRow& row) { return row.sequences; });
  const auto heads = collect(rows, [](const AttentionRow& row) { return row.heads; });
  const auto kv_heads = collect(rows, [](const AttentionRow& row) { return row.kv_heads; });
  const std::vector<double> batch = knots_within(kSequenceKnots, sequences);
  GridProblem problem;
  GridTerm base{
      {{"sequences", batch}, {"heads", knots_within(kHeadKnots, heads)}}, {}, {}, kSmoothness};
  GridTerm read{{{"sequences", batch}, {"kv_heads", knots_within(kKvHeadKnots, kv_heads)}},
                {},
                {},
                kSmoothness};
  DecodeAttentionLaw plain;
  plain.kind = kind;
  for (const AttentionRow* row : rows) {
    base.coordinates.insert(base.coordinates.end(), {row->sequences, row->heads});
    base.scale.push_back(1);
    read.coordinates.insert(read.coordinates.end(), {row->sequences, row->kv_heads});
    read.scale.push_back(context_of(*row) *
                         decode_read_us(row->sequences, row->kv_heads, rates, plain));
    problem.time_us.push_back(row->us);
    problem.weight.push_back(weight_of(*row));
    problem.configuration.push_back(static_cast<std::int64_t>(row->heads * 1000 + row->kv_heads));
  }
  problem.terms = {std::move(base), std::move(read)};
  return problem;
}

}  // namespace

std::vector<DecodeAttentionLaw> fit_decode_attention(const Measurements& from,
                                                     const DeviceRates& rates) {
  std::vector<DecodeAttentionLaw> laws;
  for (const auto& [kind, rows] : rows_by_kind(from.decode)) {
    if (rows.size() < kLeastRows) continue;
    GridFit fit = fit_grids(problem_of(rows, rates, kind));
    DecodeAttentionLaw& law = laws.emplace_back();
    law.kind = kind;
    law.base_us = std::move(fit.grids[0]);
    law.read = std::move(fit.grids[1]);
    std::vector<std::int32_t> sets;
    for (const AttentionRow* row : rows) {
      law.most_context = std::max(law.most_context, row->tokens);
      sets.push_back(row->set);
    }
    law.quality = {source_text(from, sets), static_cast<std::int64_t>(rows.size()),
                   fit.median_error, fit.p90_error};
  }
  return laws;
}

}  // namespace plimsoll
