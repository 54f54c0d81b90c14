// What training makes of one generation of GPUs: constants of the catalogue that no datasheet states.
#pragma once

#include <string>
#include <vector>

#include "hardware/catalog_folder.hpp"
#include "hardware/figure.hpp"

namespace plimsoll {

/// A file of workloads/catalog/training.
struct TrainingLaw {
  std::string name;               ///< its file's name
  std::vector<std::string> gpus;  ///< names of the GPU catalogue
  Figure<double> efficiency;      ///< share of the peak rate that compute reaches
  /// Share of the tensor group's communication that hides behind compute.
  Figure<double> tensor_overlap;
  Figure<double> data_overlap;  ///< the same of gradients and parameters between replicas
  /// Standard deviation of one node's time for a step, as a share of it. Of n nodes the slowest counts:
  /// about sqrt(2 ln n) deviations above the mean.
  Figure<double> node_jitter;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("gpus", &TrainingLaw::gpus, "GPUs that it holds for.", required);
    visit("efficiency", &TrainingLaw::efficiency, "Share of the peak rate that compute reaches.",
          required, 0.01, 1.0);
    visit("tensor_overlap", &TrainingLaw::tensor_overlap,
          "Share of tensor-parallel communication hidden behind compute.", required, 0.0, 1.0);
    visit("data_overlap", &TrainingLaw::data_overlap,
          "Share of data-parallel communication hidden behind compute.", required, 0.0, 1.0);
    visit("node_jitter", &TrainingLaw::node_jitter,
          "Standard deviation of a node's step time, as a share of it.", required, 0.0, 1.0);
  }
};

/// Throws ConfigError with all faults of the file.
TrainingLaw read_training_law(const CatalogEntry& entry);

}  // namespace plimsoll
