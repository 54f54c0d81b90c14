// FGD and its baselines on the openb cluster: 6,212 GPUs, pods until 130 % of them are asked for, ten orders of arrival
// per list of pods. Source: FGD (USENIX ATC 2023), hkust-adsl/kubernetes-scheduler-simulator.
#include <fmt/format.h>

#include <cmath>

#include "planner/tables/fgd_mini152.hpp"
#include "planner/tables/fgd_study.hpp"
#include "planner/tables/published_table.hpp"

namespace plimsoll {

namespace {

/// Counts a pair of values. `unit` is what their difference is measured in.
void compare(TableSlice& slice, double published, double ours, double unit) {
  const double difference = std::abs(ours - published) / unit;
  constexpr double kLastBits = 1e-9;  // of values printed with two decimals
  ++slice.compared;
  slice.equal += difference <= slice.tolerance + kLastBits * (slice.relative ? 0 : 1) ? 1 : 0;
  slice.worst = std::max(slice.worst, difference);
  slice.published += published;
  slice.ours += ours;
}

void finish(TableSlice& slice, TableResult& result) {
  if (slice.compared == 0) return;
  slice.published /= static_cast<double>(slice.compared);
  slice.ours /= static_cast<double>(slice.compared);
  result.slices.push_back(slice);
}

/// Every value of every row of one policy.
void compare_rows(const FgdStudy& study, const StudyPolicy& policy, std::size_t which,
                  TableResult& result) {
  const FgdQuantity& quantity = fgd_quantities()[which];
  TableSlice slice;
  slice.slice = policy.name;
  slice.quantity = quantity.name;
  slice.tolerance = quantity.tolerance;
  slice.relative = quantity.relative;
  for (const auto& [key, published] : study.published[which]) {
    const auto found = study.ours.find(key);
    if (found == study.ours.end() || std::get<1>(key) != policy.name) continue;
    const LoadCurve& ours = found->second.*quantity.curve;
    for (std::size_t point = 0; point < kLoadPoints; ++point) {
      const double unit = quantity.relative && published[point] > 0 ? published[point] : 1.0;
      compare(slice, published[point], ours[point], unit);
    }
  }
  finish(slice, result);
}

/// Mean and standard deviation over seeds.
struct Spread {
  double sum = 0;
  double squares = 0;
  std::size_t seeds = 0;

  void add(double value) {
    sum += value;
    squares += value * value;
    ++seeds;
  }
  double mean() const { return sum / static_cast<double>(seeds); }
  double deviation() const {
    if (seeds < 2) return 0;
    const auto n = static_cast<double>(seeds);
    return std::sqrt(std::max(0.0, (squares - sum * sum / n) / (n - 1)));
  }
};

/// Means over seeds at each load, of each list of pods: in standard deviations of the published values, of which at
/// least half a step of what they are printed in.
void compare_means(const FgdStudy& study, const StudyPolicy& policy, std::size_t which,
                   TableResult& result) {
  constexpr double kLeastDeviation = 0.005;
  const FgdQuantity& quantity = fgd_quantities()[which];
  TableSlice slice;
  slice.slice = policy.name;
  slice.quantity = fmt::format("{}, in sd", quantity.name);
  slice.tolerance = 2;
  std::map<std::pair<std::string, std::size_t>, std::pair<Spread, Spread>> by_load;
  for (const auto& [key, published] : study.published[which]) {
    const auto found = study.ours.find(key);
    if (found == study.ours.end() || std::get<1>(key) != policy.name) continue;
    for (std::size_t point = 0; point < kLoadPoints; ++point) {
      auto& [theirs, ours] = by_load[{std::get<0>(key), point}];
      theirs.add(published[point]);
      ours.add((found->second.*quantity.curve)[point]);
    }
  }
  for (const auto& [load, spreads] : by_load) {
    const auto& [theirs, ours] = spreads;
    compare(slice, theirs.mean(), ours.mean(), std::max(theirs.deviation(), kLeastDeviation));
  }
  finish(slice, result);
}

}  // namespace

TableResult reproduce_fgd_openb(const std::filesystem::path& data, const TableContext& context) {
  const std::filesystem::path folder = data / "fgd_openb";
  const FgdStudy study = run_fgd_study(folder, context);
  TableResult result;
  result.notes = study.notes;
  for (const StudyPolicy& policy : study_policies()) {
    for (std::size_t which = 0; which < fgd_quantities().size(); ++which) {
      (policy.random ? compare_means : compare_rows)(study, policy, which, result);
    }
  }
  reproduce_mini152(folder, result);
  return result;
}

}  // namespace plimsoll
