// Measured steps of one deployment beside its model: as the catalogue has it, and anchored to two of them.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "planner/validation/deployer.hpp"
#include "planner/validation/report.hpp"
#include "planner/validation/step_anchor.hpp"

namespace plimsoll {

/// One measured step, or several of a kind.
struct StepRow {
  std::string row;             ///< for reports
  double load = 0;             ///< what anchor points are picked by: sequences, or prompt tokens
  std::int32_t sequences = 0;  ///< in the step: the deployment is made for as many
  double measured_s = 0;       ///< > 0
  std::function<double(const ServingDeployment&)> predicted_s;
  MetLoad met{};  ///< what the step asks of the laws
};

struct StepStudy {
  std::string set;
  std::string cut;     ///< how it is cut, for the slice: "tp2"
  std::string metric;  ///< in ms
  AnchoredWork work = AnchoredWork::decode;
  ServingSpec spec;  ///< names as the measurements have them: the catalogue knows its aliases
  std::vector<StepRow> rows;
};

/// Two predictions per row: of the level of the deployment's model and, from three rows on, "anchored": to the medians
/// of the two groups of rows that anchor_rows picks. A model, GPU or engine that the catalogue lacks, or that cannot
/// run so, leaves the study out: `note` then says why, with the number of rows.
std::vector<Prediction> predict(StepStudy study, Deployer& deployer, std::string& note);

/// Files of `folder` whose names begin with `stem` and end in .csv or .csv.zst, sorted. Throws ConfigError for none.
std::vector<std::filesystem::path> measurement_files(const std::filesystem::path& folder,
                                                     const std::string& stem);

}  // namespace plimsoll
