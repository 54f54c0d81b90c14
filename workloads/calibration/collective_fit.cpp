// Collectives: at each measured size the time of the fastest implementation.
#include <algorithm>
#include <map>

#include "workloads/calibration/law_fits.hpp"
#include "workloads/calibration/measured_curve.hpp"
#include "workloads/calibration/robust_grid.hpp"

namespace plimsoll {
namespace {

/// An implementation, whatever its version: backend's name and kernel.
using Implementation = std::pair<std::string, std::string>;
using Sizes = std::map<double, std::vector<double>>;  // bytes to times of repeats

struct Newest {
  std::vector<int> version;
  std::int32_t set = 0;
  Sizes sizes;
};

/// The numbers of "vllm 0.24.0rc1": {0, 24, 0, 1}.
std::vector<int> version_of(const std::string& backend) {
  std::vector<int> version;
  bool in_number = false;
  const std::size_t space = backend.find(' ');
  for (std::size_t i = space == std::string::npos ? backend.size() : space; i < backend.size();
       ++i) {
    const bool digit = backend[i] >= '0' && backend[i] <= '9';
    if (digit && !in_number) version.push_back(0);
    if (digit) version.back() = version.back() * 10 + (backend[i] - '0');
    in_number = digit;
  }
  return version;
}

std::map<Implementation, Newest> newest_of(const Measurements& from,
                                           const std::vector<const CollectiveRow*>& rows) {
  std::map<Implementation, Newest> newest;
  for (const CollectiveRow* row : rows) {
    const MeasurementSet& set = from.sets[static_cast<std::size_t>(row->set)];
    const std::vector<int> version = version_of(set.backend);
    Newest& one = newest[{set.backend.substr(0, set.backend.find(' ')), set.kernel}];
    if (version < one.version) continue;
    if (version > one.version || one.sizes.empty()) one = {version, row->set, {}};
    one.sizes[row->bytes].push_back(row->us);
  }
  return newest;
}

/// Where vLLM's own kernels were measured: these and NCCL's, among which it chooses.
void prefer_vllm(const Measurements& from, std::vector<const CollectiveRow*>& rows) {
  const auto is = [&](const CollectiveRow* row, std::string_view backend) {
    return from.sets[static_cast<std::size_t>(row->set)].backend.starts_with(backend);
  };
  if (std::none_of(rows.begin(), rows.end(), [&](auto* row) { return is(row, "vllm "); })) return;
  std::erase_if(rows, [&](auto* row) { return !is(row, "vllm ") && !is(row, "nccl "); });
}

CollectiveLaw fastest(const Measurements& from, const std::vector<const CollectiveRow*>& rows) {
  CollectiveLaw law;
  law.operation = rows[0]->operation;
  law.gpus = rows[0]->gpus;
  std::map<double, std::pair<double, std::int32_t>> best;  // bytes to time and set
  for (const auto& [implementation, newest] : newest_of(from, rows))
    for (const auto& [bytes, times] : newest.sizes) {
      const std::pair candidate(quantile(times, 0.5), newest.set);
      const auto [place, added] = best.try_emplace(bytes, candidate);
      if (!added) place->second = std::min(place->second, candidate);
    }
  std::map<double, double> points;
  std::vector<std::int32_t> sets;
  for (const auto& [bytes, time] : best) {
    points[bytes] = time.first;
    sets.push_back(time.second);
  }
  law.time_us = measured_curve("bytes", points);
  law.quality.source =
      source_text(from, sets) + "; knots are measured, errors are of each knot left out";
  law.quality.rows = static_cast<std::int64_t>(best.size());
  state_knot_errors(law.time_us, law.quality);
  return law;
}

}  // namespace

std::vector<CollectiveLaw> fit_collectives(const Measurements& from) {
  std::map<std::pair<std::string, std::int32_t>, std::vector<const CollectiveRow*>> groups;
  for (const CollectiveRow& row : from.collectives)
    groups[{row.operation, row.gpus}].push_back(&row);
  std::vector<CollectiveLaw> laws;
  for (auto& [key, rows] : groups) {
    prefer_vllm(from, rows);
    if (rows.size() >= kLeastRows) laws.push_back(fastest(from, rows));
  }
  return laws;
}

}  // namespace plimsoll
