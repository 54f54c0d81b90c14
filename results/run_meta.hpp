// What two equal runs do not share: the clock on the wall, the machine, paths. Written beside the
// run as run.meta.json, never into run.h5.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "results/run_facts.hpp"

namespace plimsoll {

struct RunMeta {
  std::string version;               ///< of Plimsoll
  std::string digest;                ///< of the run that lies beside
  std::vector<std::string> command;  ///< as typed, one word each
  std::string started_utc;           ///< "2026-05-09T07:30:27Z"
  std::string host;
  std::uint32_t threads = 1;
  double wall_s = 0;
  double cpu_s = 0;
  std::uint64_t peak_memory_bytes = 0;
  std::vector<std::pair<std::string, std::string>>
      inputs;  ///< what it is, its path: "scenario", "trace of chat"
  std::vector<std::pair<std::string, double>> part_cpu_s;  ///< CPU-seconds by part, in order
  std::vector<EngineReport> engine;                        ///< by pool
};

/// Writes `path` as an AtomicFile. Throws IoError.
void write_meta(const std::filesystem::path& path, const RunMeta& meta);

}  // namespace plimsoll
