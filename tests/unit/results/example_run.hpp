// A run made up for the tests of files: every field differs from its default, every value from its
// neighbour.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include "core/random_stream.hpp"
#include "results/digest.hpp"
#include "results/run_facts.hpp"

namespace plimsoll {

inline PoolFacts example_pool(const std::string& name, std::size_t requests, std::size_t itl_runs) {
  const RandomStream random(1, name, "example");
  const auto below_bits = [&](std::size_t i, std::uint64_t lane, int bits) {
    return static_cast<std::int64_t>(random.bits(i, lane) >> (64 - bits));
  };
  PoolFacts pool;
  pool.name = name;
  pool.model = "llama-3.1-70b";
  pool.gpu = "nvidia-h100-sxm";
  pool.routing = "least_request";
  pool.replicas = 3;
  pool.gpus_per_replica = 4;
  pool.kv_blocks_per_replica = 27'000;
  pool.kv_block_tokens = 16;
  pool.slo_ttft_ns = 2'000'000'000;
  pool.slo_tpot_ns = 50'000'000;
  pool.price_usd_per_gpu_hour = 2.1;
  pool.idle_power_w = 70.5;
  pool.busy_power_w = {70.5, 310.25, 1.0 / 3};
  pool.step_time_level = "closed form";
  pool.step_time_error = 0.08;
  for (std::size_t i = 0; i < requests; ++i)
    pool.requests.push_back({below_bits(i, 0, 50), below_bits(i, 1, 50), below_bits(i, 2, 50),
                             static_cast<std::int32_t>(below_bits(i, 3, 14)),
                             static_cast<std::int32_t>(below_bits(i, 4, 12)),
                             static_cast<std::uint32_t>(below_bits(i, 5, 32)),
                             static_cast<std::uint16_t>(below_bits(i, 6, 16)),
                             static_cast<RequestStatus>(i % 6)});
  for (std::size_t i = 0; i < itl_runs; ++i)
    pool.itl_runs.push_back({below_bits(i, 7, 51), below_bits(i, 8, 20) - (1 << 19),
                             static_cast<std::uint32_t>(below_bits(i, 9, 9)),
                             static_cast<std::uint32_t>(below_bits(i, 10, 8)),
                             static_cast<std::uint32_t>(i % 3)});
  for (std::uint64_t i = 0; i < 7; ++i)
    pool.samples.push_back({static_cast<std::int64_t>(i * 1000), 90 * i, 50 * i, i, 2 * i, 3 * i,
                            34 * i, 5 * i, 6000 * i, 700 * i, static_cast<std::int64_t>(80 * i),
                            11 * i});
  pool.replica_facts = {{1, 2, 3, 4, 5, {6, 7, 8}, 20, 21, 22, 23},
                        {9, 10, 11, 12, 13, {}},
                        {14, 15, 16, 17, 18, {0}}};
  pool.prefill = {2, 8, 31'000, "nvidia-h200-sxm", 3.5, 75.25, {75.25, 512.5}};
  pool.kv_transfers = {{1, 0, 2, 1'000'000'007, 5000, 5100, 5900}, {3, 1, 4, 17, 6000}};
  pool.decisions_hash = 0xFEDC'BA98'7654'3210;
  pool.view_changes_hash = 77;
  return pool;
}

inline RunFacts example_run(std::size_t requests, std::size_t itl_runs) {
  RunFacts facts;
  facts.seed = 0xFFFF'FFFF'FFFF'FFFF;
  facts.scenario_yaml = "pools:\n  chat: {replicas: 3}  # two spaces, a tab\t, UTF-8: µs\n";
  facts.version = "0.1.0";
  facts.end_ns = 3'601'000'000'001;
  facts.horizon_ns = 3'600'000'000'000;
  facts.cluster_gpus = 32;
  facts.cluster_price_usd_per_hour = 67.2;
  facts.unused_idle_power_w = 1'400.5;
  facts.pools = {example_pool("vision", requests, itl_runs), example_pool("chat", 0, 0)};
  facts.digest = digest(facts);
  return facts;
}

/// A new folder, removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "plimsoll-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path operator/(const char* name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The names in a folder, hidden ones included.
inline std::size_t entries_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace plimsoll
