// The profiles and workloads of the Pollux artifact (petuum/adaptdl, branch osdi21-artifact).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "workloads/jobs/profiled_application.hpp"

namespace plimsoll {

/// A folder `<application>/` of placements.csv, scalability.csv and validation-<batch>.csv (or .csv.zst of each).
/// Throws ConfigError with file, row and column for what is wrong in them.
ApplicationProfile read_application_profile(const std::filesystem::path& folder);

/// A row of a workload file: name, time (s), application, num_replicas, batch_size.
struct TrainingJobRow {
  std::string name;
  double submitted_s = 0;
  std::string application;
  std::int32_t replicas = 1;  ///< GPUs that its user asks for
  std::int32_t batch = 1;     ///< and the batch
};

/// Workloads of the Pollux artifact and of Sia (those of the `philly` and `newtrace` folders). Rows in order.
std::vector<TrainingJobRow> read_training_workload(const std::filesystem::path& file);

}  // namespace plimsoll
