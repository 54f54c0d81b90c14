// How an engine's version stands in a file of workloads/catalog/engines.
#include <algorithm>
#include <vector>

#include "hardware/figure.hpp"
#include "workloads/engine_profile.hpp"

namespace plimsoll {
namespace {

struct EngineFile {
  Figure<std::int32_t> max_num_seqs;
  Figure<std::int32_t> max_num_batched_tokens;
  Figure<std::int32_t> block_size;
  Figure<Bytes> memory_reserve;
  Figure<std::vector<std::int32_t>> graph_sizes;
  Figure<bool> async_scheduling;
  Figure<double> overhead_base_us;
  Figure<double> overhead_per_layer_us;
  Figure<double> overhead_per_sequence_us;
  Figure<double> host_base_us;
  Figure<double> host_per_sequence_us;

  template <class Visit>
  static void fields(Visit&& visit) {
    constexpr double kMost = 1e6;  // a second
    visit("max_num_seqs", &EngineFile::max_num_seqs, "Most sequences in a step.", required, 1,
          1'000'000);
    visit("max_num_batched_tokens", &EngineFile::max_num_batched_tokens,
          "Most new tokens in a step.", required, 1, 10'000'000);
    visit("block_size", &EngineFile::block_size, "Tokens per KV block.", required, 1, 1'000'000);
    visit("memory_reserve", &EngineFile::memory_reserve,
          "Memory per GPU for activations, graphs and buffers.", required, at_least(Bytes{0}));
    visit("graph_sizes", &EngineFile::graph_sizes, "Batch sizes of the captured CUDA graphs.",
          required, 1, 1'000'000);
    visit("async_scheduling", &EngineFile::async_scheduling,
          "Whether the host's work overlaps with the GPU's.", required);
    visit("overhead_base_us", &EngineFile::overhead_base_us, "Host time per step.", required, 0.0,
          kMost);
    visit("overhead_per_layer_us", &EngineFile::overhead_per_layer_us,
          "Host time per step and layer.", required, 0.0, kMost);
    visit("overhead_per_sequence_us", &EngineFile::overhead_per_sequence_us,
          "Host time per step and sequence.", required, 0.0, kMost);
    visit("host_base_us", &EngineFile::host_base_us, "Hidden host time per step.", required, 0.0,
          kMost);
    visit("host_per_sequence_us", &EngineFile::host_per_sequence_us,
          "Hidden host time per step and sequence.", required, 0.0, kMost);
  }
};

}  // namespace

EngineProfile read_engine(const CatalogEntry& entry) {
  std::vector<Fault> faults;
  const auto file = read_config<EngineFile>(entry.root, faults);
  const auto& sizes = file.graph_sizes.value;
  if (std::adjacent_find(sizes.begin(), sizes.end(), std::greater_equal<>()) != sizes.end())
    faults.push_back({position_of(entry.root, "graph_sizes.value"),
                      "graph_sizes.value is not in ascending order."});
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return {.name = entry.name,
          .max_num_seqs = file.max_num_seqs.value,
          .max_num_batched_tokens = file.max_num_batched_tokens.value,
          .block_size = file.block_size.value,
          .memory_reserve = file.memory_reserve.value,
          .graph_sizes = sizes,
          .async_scheduling = file.async_scheduling.value,
          .overhead_base = microseconds(file.overhead_base_us.value),
          .overhead_per_layer = microseconds(file.overhead_per_layer_us.value),
          .overhead_per_sequence = microseconds(file.overhead_per_sequence_us.value),
          .host_base = microseconds(file.host_base_us.value),
          .host_per_sequence = microseconds(file.host_per_sequence_us.value)};
}

}  // namespace plimsoll
