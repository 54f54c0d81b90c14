#include "planner/validation/gate.hpp"

#include <algorithm>
#include <cmath>

#include "core/config/fields.hpp"
#include "core/config/suggest.hpp"
#include "core/config/yaml.hpp"

namespace plimsoll {
namespace {

struct Entry {
  std::string set;
  std::string metric;
  bool anchored = true;
  std::vector<std::string> gpus;
  std::string figure = "median_error";
  std::optional<double> target;
  double expected = 0;
  double margin = 0;
  std::int64_t rows = 0;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("set", &Entry::set, "Name of a validation set.", required);
    visit("metric", &Entry::metric, "What was measured, with its unit.", required);
    visit("anchored", &Entry::anchored, "Whether two measured points per deployment were used.");
    visit("gpus", &Entry::gpus, "Which GPUs' slices; none: all.");
    visit("figure", &Entry::figure, "median_error or kendall_tau.");
    visit("target", &Entry::target, "What was to be reached.", -1.0, 10.0);
    visit("expected", &Entry::expected, "What the shipped models reach.", required, -1.0, 10.0);
    visit("margin", &Entry::margin, "How much worse is a regression.", required, 0.0, 10.0);
    visit("rows", &Entry::rows, "Scored rows behind it.", required, std::int64_t{1},
          std::int64_t{1'000'000'000});
  }
};

struct ExpectedFile {
  std::vector<Entry> figures;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("figures", &ExpectedFile::figures, "Expected figures.", required);
  }
};

std::optional<Expectation::Figure> parse_figure(const std::string& name) {
  if (name == "median_error") return Expectation::Figure::median_error;
  if (name == "kendall_tau") return Expectation::Figure::kendall_tau;
  return std::nullopt;
}

bool regressed(const Verdict& verdict, const std::vector<double>& errors) {
  const Expectation& expected = verdict.expectation;
  const double margin = verdict.same_rows ? expected.margin : 2 * expected.margin;
  if (expected.figure == Expectation::Figure::kendall_tau)
    return verdict.figure < expected.expected - margin;
  const double figure = verdict.same_rows ? verdict.figure : median_lower_end(errors);
  return figure > expected.expected + margin;
}

std::optional<Verdict> hold_against(const Expectation& expectation,
                                    const std::vector<Prediction>& predictions) {
  std::vector<const Prediction*> selected;
  std::vector<double> errors;
  for (const Prediction& prediction : predictions) {
    if (!expectation.selects(prediction)) continue;
    selected.push_back(&prediction);
    if (!prediction.anchor_point) errors.push_back(std::abs(prediction.error()));
  }
  Verdict verdict{.expectation = expectation, .summary = summarize(selected)};
  const bool ranks = expectation.figure == Expectation::Figure::kendall_tau;
  if (errors.empty() || (ranks && verdict.summary.pairs == 0)) return std::nullopt;
  verdict.figure = ranks ? verdict.summary.kendall_tau : verdict.summary.median_error;
  if (expectation.target)
    verdict.target_met =
        ranks ? verdict.figure >= *expectation.target : verdict.figure <= *expectation.target;
  verdict.same_rows = std::cmp_equal(verdict.summary.rows, expectation.rows);
  verdict.regressed = regressed(verdict, errors);
  return verdict;
}

}  // namespace

bool Expectation::selects(const Prediction& prediction) const {
  if (prediction.set != set || prediction.metric != metric) return false;
  if ((prediction.level == "anchored") != anchored) return false;
  const std::string gpu = prediction.slice.substr(0, prediction.slice.find(' '));
  return gpus.empty() || std::find(gpus.begin(), gpus.end(), gpu) != gpus.end();
}

std::vector<Expectation> read_expectations(const std::filesystem::path& file) {
  std::vector<Fault> faults;
  const ConfigNode root = load_yaml(file, faults);
  const auto read = read_config<ExpectedFile>(root, faults);
  std::vector<Expectation> expectations;
  for (const Entry& entry : read.figures) {
    const auto figure = parse_figure(entry.figure);
    if (!figure)
      faults.push_back({position_of(root, "figures"),
                        unknown_name("figure", entry.figure, {"median_error", "kendall_tau"})});
    expectations.push_back({entry.set, entry.metric, entry.anchored, entry.gpus,
                            figure.value_or(Expectation::Figure::median_error), entry.target,
                            entry.expected, entry.margin, entry.rows});
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return expectations;
}

double median_lower_end(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  const double count = static_cast<double>(numbers.size());
  const double rank = count / 2 - 1.96 * std::sqrt(count) / 2;
  return numbers.at(rank > 0 ? static_cast<std::size_t>(rank) : 0);
}

std::vector<Verdict> judge(const std::vector<Prediction>& predictions,
                           const std::vector<Expectation>& expectations) {
  std::vector<Verdict> verdicts;
  for (const Expectation& expectation : expectations)
    if (auto verdict = hold_against(expectation, predictions))
      verdicts.push_back(std::move(*verdict));
  return verdicts;
}

}  // namespace plimsoll
