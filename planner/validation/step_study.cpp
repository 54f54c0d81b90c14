#include "planner/validation/step_study.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "planner/calibration/anchor_fit.hpp"

namespace plimsoll {
namespace {

/// The medians of a group of rows, measured and predicted.
MeasuredStep median_step(const StepStudy& study, const std::vector<std::size_t>& group) {
  std::vector<double> measured;
  for (const std::size_t i : group) measured.push_back(study.rows[i].measured_s);
  return {sample_quantile(measured, 0.5), [&study, group](const ServingDeployment& deployment) {
            std::vector<double> predicted;
            for (const std::size_t i : group)
              predicted.push_back(study.rows[i].predicted_s(deployment));
            return sample_quantile(std::move(predicted), 0.5);
          }};
}

/// Under what name, from which model, and which rows that model has seen.
struct Shown {
  const std::string& slice;
  const std::string& level;
  const std::vector<bool>& anchors;
};

void append(const StepStudy& study, const ServingDeployment& deployment, const Shown& shown,
            std::vector<Prediction>& predictions) {
  for (std::size_t i = 0; i < study.rows.size(); ++i) {
    Prediction prediction;
    prediction.set = study.set;
    prediction.slice = shown.slice;
    prediction.row = study.rows[i].row;
    prediction.metric = study.metric;
    prediction.level = shown.level;
    prediction.measured = study.rows[i].measured_s * 1e3;
    prediction.predicted = study.rows[i].predicted_s(deployment) * 1e3;
    prediction.anchor_point = shown.anchors[i];
    prediction.extrapolating = !deployment.extrapolations.empty() ||
                               !left_ranges(deployment.measured, study.rows[i].met).empty();
    predictions.push_back(std::move(prediction));
  }
}

Anchor anchor_of(const StepStudy& study, const AnchorRows& rows, Deployer& deployer) {
  const Position asked{study.set};
  const AnchorPrior prior = anchor_prior(deployer.workloads().engine(study.spec.engine, asked),
                                         deployer.workloads().model(study.spec.model, asked));
  const auto deploy = [&](const Anchor& anchor) {
    ServingSpec spec = study.spec;
    spec.anchor = anchor;
    return deployer.deploy(spec, study.set);
  };
  return anchor_to_steps(deploy, study.work,
                         {median_step(study, rows[0]), median_step(study, rows[1])},
                         prior.least_step_offset);
}

}  // namespace

std::vector<Prediction> predict(StepStudy study, Deployer& deployer, std::string& note) {
  std::vector<Prediction> predictions;
  std::string slice =
      fmt::format("{} {} {} {}", study.spec.gpu, study.spec.engine, study.spec.model, study.cut);
  try {
    const Position asked{study.set};
    study.spec.gpu = deployer.hardware().gpus().find(study.spec.gpu, asked).name;
    study.spec.model = deployer.workloads().models().find(study.spec.model, asked).name;
    for (const StepRow& row : study.rows)
      study.spec.max_num_seqs = std::max(study.spec.max_num_seqs.value_or(1), row.sequences);
    slice =
        fmt::format("{} {} {} {}", study.spec.gpu, study.spec.engine, study.spec.model, study.cut);
    std::vector<bool> anchors(study.rows.size(), false);
    const ServingDeployment neutral = deployer.deploy(study.spec, study.set);
    append(study, neutral, {slice, neutral.level, anchors}, predictions);
    if (study.rows.size() < 3) return predictions;
    std::vector<double> loads;
    for (const StepRow& row : study.rows) loads.push_back(row.load);
    const AnchorRows rows = anchor_rows(loads);
    for (const auto& group : rows)
      for (const std::size_t i : group) anchors[i] = true;
    ServingSpec spec = study.spec;
    spec.anchor = anchor_of(study, rows, deployer);
    append(study, deployer.deploy(spec, study.set), {slice, "anchored", anchors}, predictions);
  } catch (const ConfigError& error) {
    predictions.clear();
    note = fmt::format("{}: {} rows of {} left out: {}", study.set, study.rows.size(), slice,
                       error.faults().front().text());
  }
  return predictions;
}

std::vector<std::filesystem::path> measurement_files(const std::filesystem::path& folder,
                                                     const std::string& stem) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool table = name.ends_with(".csv") || name.ends_with(".csv.zst");
    if (name.starts_with(stem) && table) files.push_back(entry.path());
  }
  if (files.empty())
    throw ConfigError(Position{folder.string(), 0, 0},
                      fmt::format("there is no file {}*.csv or {}*.csv.zst.", stem, stem));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace plimsoll
