#include "planner/validation/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace plimsoll {
namespace {

std::string percent(double share) {
  return std::isnan(share) ? "-" : fmt::format("{:.1f} %", 100 * share);
}
std::string signed_percent(double share) {
  return std::isnan(share) ? "-" : fmt::format("{:+.1f} %", 100 * share);
}
std::string tau_text(double tau) { return std::isnan(tau) ? "-" : fmt::format("{:.3f}", tau); }

constexpr const char* kSliceLine = "  {:<60} {:<19} {:<15} {:>5} {:>9} {:>9} {:>9} {:>6}\n";

std::string render_slices(const std::string& set, const std::vector<SliceOfRun>& slices) {
  std::string text = fmt::format("{}\n", set);
  text +=
      fmt::format(kSliceLine, "slice", "metric", "level", "rows", "median", "signed", "p90", "tau");
  for (const SliceOfRun& slice : slices) {
    if (slice.first->set != set || slice.summary.rows == 0) continue;
    const ErrorSummary& sum = slice.summary;
    const std::string mark = slice.extrapolating > 0 ? " *" : "";
    text +=
        fmt::format(kSliceLine, slice.first->slice + mark, slice.first->metric, slice.first->level,
                    sum.rows, percent(sum.median_error), signed_percent(sum.signed_median),
                    percent(sum.p90_error), tau_text(sum.kendall_tau));
  }
  return text + "\n";
}

std::string figure_text(const Expectation& expectation, double value) {
  const bool error = expectation.figure == Expectation::Figure::median_error;
  return error ? percent(value) : tau_text(value);
}

constexpr const char* kFigureLine = "  {:<16} {:<36} {:<31} {:>5} {:>8} {:>10} {:<6} {:>9}  {}\n";

std::string render_verdict(const Verdict& verdict) {
  const Expectation& wanted = verdict.expectation;
  const bool error = wanted.figure == Expectation::Figure::median_error;
  std::string gpus;
  for (const std::string& gpu : wanted.gpus) gpus += (gpus.empty() ? "" : ",") + gpu;
  const std::string target =
      wanted.target ? (error ? "<= " : ">= ") + figure_text(wanted, *wanted.target) : "";
  const char* reached = !wanted.target ? "" : verdict.target_met ? "met" : "missed";
  const char* outcome = verdict.regressed   ? "REGRESSED"
                        : verdict.same_rows ? "as expected"
                                            : "other rows";
  std::string name = wanted.metric + (error ? "" : " rank");
  if (!wanted.anchored) name += ", unanchored";
  return fmt::format(kFigureLine, wanted.set, name, gpus.empty() ? "all" : gpus,
                     verdict.summary.rows, figure_text(wanted, verdict.figure), target, reached,
                     figure_text(wanted, wanted.expected), outcome);
}

}  // namespace

bool ValidationRun::regressed() const {
  return std::any_of(verdicts.begin(), verdicts.end(),
                     [](const Verdict& verdict) { return verdict.regressed; });
}

std::vector<SliceOfRun> slices_of(const std::vector<Prediction>& predictions) {
  using Key = std::tuple<std::string, std::string, std::string, std::string>;
  std::map<Key, std::size_t> places;
  std::vector<std::vector<const Prediction*>> groups;
  for (const Prediction& each : predictions) {
    const Key key{each.set, each.slice, each.metric, each.level};
    const auto [place, is_new] = places.emplace(key, groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].push_back(&each);
  }
  std::vector<SliceOfRun> slices;
  for (const auto& group : groups) {
    SliceOfRun slice{.first = group.front(), .summary = summarize(group)};
    for (const Prediction* each : group)
      slice.extrapolating += each->extrapolating && !each->anchor_point ? 1 : 0;
    slices.push_back(slice);
  }
  return slices;
}

std::string render_table(const ValidationRun& run) {
  const std::vector<SliceOfRun> slices = slices_of(run.predictions);
  std::string text;
  for (const std::string& set : run.sets) text += render_slices(set, slices);
  text +=
      "median, p90: of |predicted / measured - 1|; signed: median of the error itself; tau: "
      "Kendall's, of the\nranking of configurations at the same load; anchor points are not "
      "scored; * extrapolating.\n\n";
  text += "Figures\n";
  text += fmt::format(kFigureLine, "set", "metric", "GPUs", "rows", "reached", "target", "",
                      "expected", "");
  for (const Verdict& verdict : run.verdicts) text += render_verdict(verdict);
  for (const std::string& note : run.notes) text += fmt::format("  {}\n", note);
  for (const std::string& set : run.absent) text += fmt::format("  {}: no such folder\n", set);
  return text;
}

}  // namespace plimsoll
