// What a run of the validation sets shows: a table for people, all predictions for programs.
#pragma once

#include <string>
#include <vector>

#include "planner/validation/gate.hpp"
#include "planner/validation/report.hpp"

namespace plimsoll {

/// One run of one or more sets.
struct ValidationRun {
  std::vector<std::string> sets;    ///< that ran
  std::vector<std::string> absent;  ///< sets whose folder is not there
  std::vector<Prediction> predictions;
  std::vector<std::string> notes;
  std::vector<Verdict> verdicts;

  bool regressed() const;
};

/// Per set a table of slices, then all sets' figures beside targets and expectations. Below 150 columns.
std::string render_table(const ValidationRun& run);

/// The same as JSON: {"sets", "absent", "notes", "figures", "slices", "predictions"}.
std::string render_json(const ValidationRun& run);

/// Predictions of one (set, slice, metric, level), in order of first appearance.
struct SliceOfRun {
  const Prediction* first = nullptr;  ///< names set, slice, metric and level
  ErrorSummary summary;
  std::size_t extrapolating = 0;  ///< scored rows that rest on a measurement of something else
};
std::vector<SliceOfRun> slices_of(const std::vector<Prediction>& predictions);

}  // namespace plimsoll
