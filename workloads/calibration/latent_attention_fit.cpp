// Multi-head latent attention: decode as decode attention by heads, prefill as prefill attention.
#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "workloads/calibration/attention_kinds.hpp"
#include "workloads/calibration/host_bound.hpp"
#include "workloads/calibration/law_fits.hpp"
#include "workloads/calibration/robust_grid.hpp"

namespace plimsoll {
namespace {

constexpr double kSmoothness = 0.01;
constexpr double kLeastTokens = 16;
constexpr double kIdleTokens = 64;         // in all: next to no work
constexpr double kGraphedLaunchUs = 11.4;  // decode attention of an H100 inside a CUDA graph
constexpr double kHiddenWeight = 0.1;      // of a row that is only inferred
const std::vector<double> kSequenceKnots{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
const std::vector<double> kTokenKnots{64,   128,  256,  512,   1024, 1536,
                                      2048, 4096, 8192, 16384, 32768};
const std::vector<double> kHeadKnots{1, 2, 4, 8, 16, 32, 64, 128};

using Rows = std::vector<const LatentRow*>;

/// Takes out and returns the rows whose time is the host's.
Rows take_host_bound(Rows& rows) {
  std::map<std::int32_t, std::vector<double>> idle;
  for (const LatentRow* row : rows)
    if (row->sequences * row->tokens <= kIdleTokens) idle[row->set].push_back(row->us);
  const HostFloors floors(idle);
  const auto first = std::stable_partition(rows.begin(), rows.end(), [&](const LatentRow* row) {
    return !floors.hides(row->set, row->us);
  });
  Rows hidden(first, rows.end());
  rows.erase(first, rows.end());
  return hidden;
}

/// Decode or prefill: a base and a share of work, both on grids by heads and by what else tells
/// rows apart.
struct Side {
  std::string axis;
  std::vector<double> knots;
  double LatentRow::* coordinate;
  bool constant_base;
  std::function<double(const LatentRow&)> work_us;  ///< without its grid
};

/// Takes the rows that the host hides out of `rows`; they are drawn to a launch inside a CUDA graph
/// and the others' median share.
GridFit fit_side(Rows& rows, const Side& side) {
  std::vector<double> measured, heads;
  for (const LatentRow* row : rows) {
    measured.push_back(row->*side.coordinate);
    heads.push_back(row->heads);
  }
  const std::vector<GridAxis> axes{{side.axis, knots_within(side.knots, std::move(measured))},
                                   {"heads", knots_within(kHeadKnots, std::move(heads))}};
  const Rows hidden = take_host_bound(rows);
  std::vector<double> shares{1};
  for (const LatentRow* row : rows) shares.push_back(row->us / side.work_us(*row));
  const double share = quantile(shares, 0.5);
  Rows all = rows;
  all.insert(all.end(), hidden.begin(), hidden.end());
  GridProblem problem;
  GridTerm base{side.constant_base ? std::vector<GridAxis>{{"", {1}}} : axes, {}, {}, kSmoothness};
  GridTerm work{axes, {}, {}, kSmoothness};
  for (const LatentRow* row : all) {
    const double coordinate = row->*side.coordinate;
    work.coordinates.insert(work.coordinates.end(), {coordinate, row->heads});
    work.scale.push_back(side.work_us(*row));
    base.scale.push_back(1);
    const bool seen = problem.time_us.size() < rows.size();
    problem.time_us.push_back(seen ? row->us : kGraphedLaunchUs + share * work.scale.back());
    problem.weight.push_back(seen ? 1 : kHiddenWeight);
    problem.configuration.push_back(static_cast<std::int64_t>(coordinate * 1000 + row->heads));
  }
  base.coordinates = side.constant_base ? std::vector<double>(all.size(), 1.0) : work.coordinates;
  problem.terms = {std::move(base), std::move(work)};
  return fit_grids(problem);
}

GridFit fit_decode(Rows& rows, const DeviceRates& rates, const LatentAttentionSpec& widths,
                   LatentAttentionLaw& law) {
  LatentAttentionLaw plain;
  plain.kv = law.kv;
  GridFit fit = fit_side(
      rows, {"sequences", kSequenceKnots, &LatentRow::sequences, false, [&](const LatentRow& row) {
               return row.sequences * row.tokens *
                      latent_read_us(row.sequences, row.heads, widths, rates, plain);
             }});
  law.decode_base_us = fit.grids[0];
  law.decode_read = fit.grids[1];
  return fit;
}

GridFit fit_prefill(Rows& rows, const DeviceRates& rates, const LatentAttentionSpec& widths,
                    LatentAttentionLaw& law) {
  LatentAttentionLaw plain;
  plain.kv = law.kv;
  GridFit fit =
      fit_side(rows, {"tokens", kTokenKnots, &LatentRow::tokens, true, [&](const LatentRow& row) {
                        return latent_prefill_us(row.tokens, row.heads, 0, widths, rates, plain);
                      }});
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
    if (decode.size() < kLeastRows || prefill.size() < kLeastRows) continue;  // the host hides them
    std::vector<std::int32_t> sets;
    for (const LatentRow* row : decode) sets.push_back(row->set);
    for (const LatentRow* row : prefill) sets.push_back(row->set);
    law.quality = {source_text(from, sets),
                   static_cast<std::int64_t>(decode.size() + prefill.size()),
                   std::max(decode_fit.median_error, prefill_fit.median_error),
                   std::max(decode_fit.p90_error, prefill_fit.p90_error)};
    laws.push_back(std::move(law));
  }
  return laws;
}

}  // namespace plimsoll
