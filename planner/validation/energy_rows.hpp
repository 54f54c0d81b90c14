// Measured serving runs with their power: one batch limit each, grouped by deployment.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "planner/validation/steady_load.hpp"

namespace plimsoll {

/// What runs where. Figures of a run with another task are of the same deployment.
struct EnergyDeployment {
  std::string model;
  std::string gpu;
  std::string precision;
  std::int32_t gpus = 1;
  std::int32_t tensor = 1;
  std::int32_t expert = 1;
  std::int32_t data = 1;

  auto operator<=>(const EnergyDeployment&) const = default;
};

struct EnergyRow {
  std::string place;
  SteadyLoad load;
  std::int32_t max_num_seqs = 1;
  double power_w = 0;  ///< all GPUs
  double joules_per_token = 0;
  double tokens_per_s = 0;
  double itl_p50_ms = 0;
  double itl_p99_ms = 0;
};

struct EnergyRows {
  std::map<EnergyDeployment, std::vector<EnergyRow>> by_deployment;  ///< ascending in load
  std::map<std::string, std::size_t> other_tasks;  ///< rows left out: tasks without text prompts
};

/// Adds the rows of text tasks. Throws ConfigError with file, line and column.
void read_energy_rows(const std::filesystem::path& file, EnergyRows& rows);

}  // namespace plimsoll
