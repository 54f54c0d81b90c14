// How an engine's version stands in a file of workloads/catalog/engines.
#include <algorithm>
#include <vector>

#include "hardware/figure.hpp"
#include "workloads/engine_profile.hpp"

namespace plimsoll {

std::string parse_scalar(std::string_view text, SchedulerKind& out) {
  if (text != "mixed" && text != "prefill_first")
    return "is not a kind of scheduler; write mixed or prefill_first";
  out = text == "mixed" ? SchedulerKind::mixed : SchedulerKind::prefill_first;
  return "";
}

std::string scalar_text(SchedulerKind kind) {
  return kind == SchedulerKind::mixed ? "mixed" : "prefill_first";
}

namespace {

struct EngineFile {
  std::vector<std::string> aliases;
  Figure<SchedulerKind> scheduler;
  Figure<std::int32_t> max_num_seqs;
  Figure<std::int32_t> max_num_batched_tokens;
  Figure<std::int32_t> block_size;
  Figure<Bytes> memory_reserve;
  Figure<std::vector<std::int32_t>> graph_sizes;
  Figure<bool> async_scheduling;
  Figure<double> overhead_base_us;
  Figure<double> overhead_per_layer_us;
  Figure<double> overhead_per_sequence_us;
  Figure<bool> prefix_caching;
  Figure<double> front_end_base_us;
  Figure<double> front_end_per_token_us;
  Figure<double> hand_over_base_us;
  Figure<double> hand_over_per_token_us;
  Figure<double> handshake_us;
  Figure<std::int32_t> decode_reserve_tokens;
  Figure<double> host_base_us;
  Figure<double> host_per_sequence_us;

  template <class Visit>
  static void fields(Visit&& visit) {
    constexpr double kMost = 1e6;  // a second
    visit("aliases", &EngineFile::aliases, "Other names of this profile.");
    visit("scheduler", &EngineFile::scheduler, "How a step is filled.", required);
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
    visit("prefix_caching", &EngineFile::prefix_caching,
          "Whether computed blocks of prompts are found again.", required);
    visit("front_end_base_us", &EngineFile::front_end_base_us,
          "Time of a request before the engine has it.", required, 0.0, kMost);
    visit("front_end_per_token_us", &EngineFile::front_end_per_token_us,
          "The same for each token of the prompt.", required, 0.0, kMost);
    visit("hand_over_base_us", &EngineFile::hand_over_base_us,
          "Host time of a prefill server for each KV cache that it sends.", 0.0, kMost);
    visit("hand_over_per_token_us", &EngineFile::hand_over_per_token_us,
          "The same for each token of the prompt.", 0.0, kMost);
    visit("handshake_us", &EngineFile::handshake_us,
          "Time of a prefill and a decode server to agree on a transfer.", 0.0, kMost);
    visit("decode_reserve_tokens", &EngineFile::decode_reserve_tokens,
          "Tokens that a decode server keeps free for each of its sequences.", 0, 1'000'000);
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
          .scheduler = file.scheduler.value,
          .prefix_caching = file.prefix_caching.value,
          .front_end_base = microseconds(file.front_end_base_us.value),
          .front_end_per_token = microseconds(file.front_end_per_token_us.value),
          .hand_over_base = microseconds(file.hand_over_base_us.value),
          .hand_over_per_token = microseconds(file.hand_over_per_token_us.value),
          .handshake = microseconds(file.handshake_us.value),
          .decode_reserve_tokens = file.decode_reserve_tokens.value,
          .host_base = microseconds(file.host_base_us.value),
          .host_per_sequence = microseconds(file.host_per_sequence_us.value)};
}

}  // namespace plimsoll
