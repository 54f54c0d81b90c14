// The figures that the shipped models reach on the measurements that they were tried on, the targets they were built
// for, and when a figure counts as a regression.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "planner/validation/report.hpp"

namespace plimsoll {

/// One line of planner/validation/expected/*.yaml: one figure over all predictions of a set that it selects.
struct Expectation {
  enum class Figure : std::uint8_t { median_error, kendall_tau };

  std::string set;
  std::string metric;
  bool anchored = true;  ///< predictions of level "anchored"; else those of all other levels
  std::vector<std::string> gpus;  ///< first words of slices; empty: all
  Figure figure = Figure::median_error;
  std::optional<double>
      target;  ///< at most (median_error) or at least (kendall_tau) this; none: only reported
  double expected = 0;    ///< what the shipped models reach
  double margin = 0;      ///< how much worse is a regression
  std::int64_t rows = 0;  ///< that `expected` was found on

  bool selects(const Prediction& prediction) const;
};

/// Throws ConfigError with all faults of the file.
std::vector<Expectation> read_expectations(const std::filesystem::path& file);

/// An expectation held against the predictions of a run.
struct Verdict {
  Expectation expectation;
  ErrorSummary summary;  ///< of what it selects: never without rows
  double figure = 0;
  bool target_met = true;
  bool same_rows = false;  ///< as many rows as `expected` was found on
  bool regressed = false;
};

/// One verdict for each expectation that selects any scored prediction. On the rows that `expected` was found on, a
/// figure worse than expected by more than the margin is a regression. Other rows have another median: there the
/// margin is doubled, and a median error counts with the lower end of its 95 % interval (order statistics).
std::vector<Verdict> judge(const std::vector<Prediction>& predictions,
                           const std::vector<Expectation>& expectations);

/// The lower end of the 95 % confidence interval of the median, from the binomial distribution of ranks (normal
/// approximation); the smallest of few numbers.
double median_lower_end(std::vector<double> numbers);

}  // namespace plimsoll
