// Attention of one prompt: a fixed time and a slowdown against the datasheet's rate, fitted together.
#include "workloads/calibration/attention_kinds.hpp"
#include "workloads/calibration/law_fits.hpp"
#include "workloads/calibration/robust_grid.hpp"

namespace plimsoll {
namespace {

constexpr double kSmoothness = 0.01;
constexpr double kLeastTokens = 16;  // shorter ones take the decode kernel
const std::vector<double> kTokenKnots{64,   128,  256,  512,   1024, 1536,
                                      2048, 4096, 8192, 16384, 32768};
const std::vector<double> kHeadKnots{1, 2, 4, 8, 16, 32, 64};

bool fitted(const AttentionRow& row) { return row.sequences == 1 && row.tokens >= kLeastTokens; }

GridProblem problem_of(const AttentionRows& rows, const DeviceRates& rates,
                       const AttentionKind& kind) {
  std::vector<double> tokens, heads;
  for (const AttentionRow* row : rows) {
    tokens.push_back(row->tokens);
    heads.push_back(row->heads);
  }
  GridProblem problem;
  GridTerm base{{{"", {1}}}, {}, {}, kSmoothness};
  GridTerm slowdown{
      {{"tokens", knots_within(kTokenKnots, tokens)}, {"heads", knots_within(kHeadKnots, heads)}},
      {},
      {},
      kSmoothness};
  PrefillAttentionLaw plain;
  plain.kind = kind;
  for (const AttentionRow* row : rows) {
    base.coordinates.push_back(1);
    base.scale.push_back(1);
    slowdown.coordinates.insert(slowdown.coordinates.end(), {row->tokens, row->heads});
    slowdown.scale.push_back(
        prefill_attention_us(row->tokens, row->heads, kind.window, rates, plain));
    problem.time_us.push_back(row->us);
    problem.weight.push_back(1);
    problem.configuration.push_back(static_cast<std::int64_t>(row->heads * 1000 + row->kv_heads));
  }
  problem.terms = {std::move(base), std::move(slowdown)};
  return problem;
}

}  // namespace

std::vector<PrefillAttentionLaw> fit_prefill_attention(const Measurements& from,
                                                       const DeviceRates& rates) {
  std::vector<PrefillAttentionLaw> laws;
  for (auto& [kind, all] : rows_by_kind(from.prefill)) {
    AttentionRows rows;
    for (const AttentionRow* row : all)
      if (fitted(*row)) rows.push_back(row);
    if (rows.size() < kLeastRows) continue;
    GridFit fit = fit_grids(problem_of(rows, rates, kind));
    PrefillAttentionLaw& law = laws.emplace_back();
    law.kind = kind;
    law.base_us = fit.grids[0].factor(std::vector<double>{1});
    law.slowdown = std::move(fit.grids[1]);
    std::vector<std::int32_t> sets;
    for (const AttentionRow* row : rows) sets.push_back(row->set);
    law.quality = {source_text(from, sets), static_cast<std::int64_t>(rows.size()),
                   fit.median_error, fit.p90_error};
  }
  return laws;
}

}  // namespace plimsoll
