// Public layouts of measured kernels, layers and power, read into Measurements. A layout is told by its columns:
//
//   aiconfigurator perf tables (ms; the first three columns are the folder's system, backend and version):
//     gemm, attention, latent attention kernels, routed experts, all-reduce, NCCL (message_size in elements)
//   LLMServingSim layer profiles (us; <model>/<dtype>/meta.yaml beside tp<N>/*.csv): dense, per_sequence, attention,
//     moe
//   ML.ENERGY configurations (W summed over the GPUs)
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "workloads/calibration/measurements.hpp"

namespace plimsoll {

/// What to take from files.
struct MeasurementFilter {
  std::vector<std::string>
      systems;         ///< names of the GPU in the files: "h100_sxm", "RTX4090", "H100"
  std::string origin;  ///< repository, commit and licence of the files
};

/// What became of the rows of one file.
struct MeasurementReport {
  std::string path;
  std::string layout;  ///< empty: none that is known
  std::int64_t taken = 0;
  std::int64_t other_systems = 0;
  std::int64_t other_kinds = 0;  ///< number formats, operations and variants that no law is for
};

/// A file, or all *.csv and *.csv.zst of a folder and its subfolders in order of their names. Throws ConfigError with
/// file, row and column for a missing column, a value that is no finite number in its bounds, a wrong unit; for a file
/// (not one found in a folder) of an unknown layout; for a path that does not exist.
std::vector<MeasurementReport> read_measurements(const std::filesystem::path& path,
                                                 const MeasurementFilter& filter,
                                                 Measurements& into);

}  // namespace plimsoll
