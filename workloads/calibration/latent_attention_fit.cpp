// Multi-head latent attention: decode as decode attention by heads, prefill as prefill attention.
#include <map>

#include "workloads/calibration/attention_kinds.hpp"
#include "workloads/calibration/host_bound.hpp"
#include "workloads/calibration/law_fits.hpp"
#include "workloads/calibration/robust_grid.hpp"

namespace plimsoll {
namespace {

constexpr double kSmoothness = 0.01;
constexpr double kLeastTokens = 16;
constexpr double kIdleTokens = 64;  // a prompt that is next to no work
const std::vector<double> kSequenceKnots{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
const std::vector<double> kTokenKnots{64,   128,  256,  512,   1024, 1536,
                                      2048, 4096, 8192, 16384, 32768};
const std::vector<double> kHeadKnots{1, 2, 4, 8, 16, 32, 64, 128};

using Rows = std::vector<const LatentRow*>;

std::vector<double> heads_of(const Rows& rows) {
  std::vector<double> heads;
  for (const LatentRow* row : rows) heads.push_back(row->heads);
  return heads;
}

/// Both laws are a base and a share of work: `base` and `work` have their knots, `work_us` is without its grid.
template <class First, class Work>
GridFit fit_two(const Rows& rows, GridTerm base, GridTerm work, First&& first, Work&& work_us) {
  GridProblem problem;
  for (const LatentRow* row : rows) {
    if (base.axes.size() == 2)
      base.coordinates.insert(base.coordinates.end(), {first(*row), row->heads});
    else
      base.coordinates.push_back(1);
    base.scale.push_back(1);
    work.coordinates.insert(work.coordinates.end(), {first(*row), row->heads});
    work.scale.push_back(work_us(*row));
    problem.time_us.push_back(row->us);
    problem.weight.push_back(1);
    problem.configuration.push_back(static_cast<std::int64_t>(first(*row) * 1000 + row->heads));
  }
  problem.terms = {std::move(base), std::move(work)};
  return fit_grids(problem);
}

GridFit fit_decode(const Rows& rows, const DeviceRates& rates, const LatentAttentionSpec& widths,
                   LatentAttentionLaw& law) {
  std::vector<double> sequences;
  for (const LatentRow* row : rows) sequences.push_back(row->sequences);
  const std::vector<GridAxis> axes{{"sequences", knots_within(kSequenceKnots, sequences)},
                                   {"heads", knots_within(kHeadKnots, heads_of(rows))}};
  LatentAttentionLaw plain;
  plain.kv = law.kv;
  GridFit fit = fit_two(
      rows, {axes, {}, {}, kSmoothness}, {axes, {}, {}, kSmoothness},
      [](const LatentRow& row) { return row.sequences; },
      [&](const LatentRow& row) {
        return row.sequences * row.tokens *
               latent_read_us(row.sequences, row.heads, widths, rates, plain);
      });
  law.decode_base_us = fit.grids[0];
  law.decode_read = fit.grids[1];
  return fit;
}

GridFit fit_prefill(Rows& rows, const DeviceRates& rates, const LatentAttentionSpec& widths,
                    LatentAttentionLaw& law) {
  std::map<std::int32_t, std::vector<double>> idle;
  for (const LatentRow* row : rows)
    if (row->tokens <= kIdleTokens) idle[row->set].push_back(row->us);
  const HostFloors floors(idle);
  std::erase_if(rows, [&](const LatentRow* row) { return floors.hides(row->set, row->us); });
  std::vector<double> tokens;
  for (const LatentRow* row : rows) tokens.push_back(row->tokens);
  const std::vector<GridAxis> axes{{"tokens", knots_within(kTokenKnots, tokens)},
                                   {"heads", knots_within(kHeadKnots, heads_of(rows))}};
  LatentAttentionLaw plain;
  plain.kv = law.kv;
  GridFit fit = fit_two(
      rows, {{{"", {1}}}, {}, {}, kSmoothness}, {axes, {}, {}, kSmoothness},
      [](const LatentRow& row) { return row.tokens; },
      [&](const LatentRow& row) {
        return latent_prefill_us(row.tokens, row.heads, 0, widths, rates, plain);
      });
  law.prefill_base_us = fit.grids[0].factor(std::vector<double>{1});
  law.prefill_slowdown = fit.grids[1];
  return fit;
}

}  // namespace

std::vector<LatentAttentionLaw> fit_latent_attention(const Measurements& from,
                                                     const DeviceRates& rates,
                                                     const LatentAttentionSpec& widths) {
  std::map<std::string, std::pair<Rows, Rows>> formats;
  for (const LatentRow& row : from.latent_decode) formats[row.kv].first.push_back(&row);
  for (const LatentRow& row : from.latent_prefill)
    if (row.sequences == 1 && row.tokens >= kLeastTokens) formats[row.kv].second.push_back(&row);
  std::vector<LatentAttentionLaw> laws;
  for (auto& [kv, rows] : formats) {
    auto& [decode, prefill] = rows;
    if (decode.size() < kLeastRows || prefill.size() < kLeastRows) continue;
    LatentAttentionLaw law;
    law.kv = kv;
    const GridFit decode_fit = fit_decode(decode, rates, widths, law);
    const GridFit prefill_fit = fit_prefill(prefill, rates, widths, law);
    std::vector<std::int32_t> sets;
    for (const LatentRow* row : decode) sets.push_back(row->set);
    for (const LatentRow* row : prefill) sets.push_back(row->set);
    law.quality = {source_text(from, std::move(sets)),
                   static_cast<std::int64_t>(decode.size() + prefill.size()),
                   std::max(decode_fit.median_error, prefill_fit.median_error),
                   std::max(decode_fit.p90_error, prefill_fit.p90_error)};
    laws.push_back(std::move(law));
  }
  return laws;
}

}  // namespace plimsoll
