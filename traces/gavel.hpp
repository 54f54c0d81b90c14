// Files of Gavel (stanford-futuredata/gavel): measured throughputs by kind of GPU, and traces of jobs of measured
// types.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "workloads/job_spec.hpp"

namespace plimsoll {

/// A type of job at a scale: "ResNet-18 (batch size 16)" on 4 GPUs.
struct GavelJobKind {
  std::string type;
  std::int32_t gpus = 1;

  friend auto operator<=>(const GavelJobKind&, const GavelJobKind&) = default;
};

/// simulation_throughputs.json: steps per second of a job alone, on GPUs of one server each kind. Pairs of jobs that
/// share a GPU are left out, and so are the entries of "unconsolidated" GPUs.
struct GavelThroughputs {
  std::vector<std::string> kinds;                           ///< sorted: "k80", "p100", "v100"
  std::map<GavelJobKind, std::vector<double>> steps_per_s;  ///< by kind; 0: cannot
};

/// Throws ConfigError, with file and key, for what is wrong.
GavelThroughputs read_gavel_throughputs(const std::filesystem::path& file);

/// A row of a trace: type, command, name of its argument for steps, whether it needs data, steps, arrival in s, GPUs.
struct GavelJobRow {
  GavelJobKind kind;
  double steps = 0;
  double submitted_s = 0;
};

/// Throws ConfigError with file, line and column.
std::vector<GavelJobRow> read_gavel_trace(const std::filesystem::path& file);

/// The jobs of a trace, named "job-00000" on in its order; kinds of GPUs are numbered as in `throughputs`. Throws
/// ConfigError, with `file`, for a job without a throughput.
std::vector<JobSpec> gavel_jobs(const std::vector<GavelJobRow>& rows,
                                const GavelThroughputs& throughputs,
                                const std::filesystem::path& file);

}  // namespace plimsoll
