// A serving engine's version: its scheduler's defaults and the host time that its steps cost.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/quantity.hpp"
#include "hardware/catalog_folder.hpp"
#include "workloads/step_time/calibration.hpp"

namespace plimsoll {

/// How an engine fills a step.
enum class SchedulerKind : std::uint8_t {
  mixed,  ///< decoding first, then chunks of prompts in the same step (vLLM V1, TensorRT-LLM chunked context)
  prefill_first,  ///< steps of prompts alone while any waits and fits, then steps of decoding (SGLang's default)
};

/// The enumerators' names, as core/config/scalar_text.hpp reads and writes them.
[[nodiscard]] std::string parse_scalar(std::string_view text, SchedulerKind& out);
std::string scalar_text(SchedulerKind kind);

struct EngineProfile {
  std::string name;                         ///< its file's name in workloads/catalog/engines
  std::int32_t max_num_seqs = 0;            ///< default of the scheduler: sequences in a step
  std::int32_t max_num_batched_tokens = 0;  ///< default of the scheduler: new tokens in a step
  std::int32_t block_size = 0;              ///< tokens per KV block
  Bytes memory_reserve{};  ///< per GPU: activations, CUDA context and graphs, communication buffers
  std::vector<std::int32_t>
      graph_sizes;  ///< captured batch sizes, ascending: a step is padded up to the next
  bool async_scheduling =
      true;  ///< host work of a step overlaps with the GPU's work of the step before

  /// Host time that is never hidden: O = base + per_layer * layers + per_sequence * sequences.
  Seconds overhead_base{};
  Seconds overhead_per_layer{};
  Seconds overhead_per_sequence{};
  SchedulerKind scheduler = SchedulerKind::mixed;
  bool prefix_caching = true;  ///< default: computed blocks of prompts are found again by content
  /// Before the engine has a request: base + per_token * prompt tokens (HTTP, tokenizer, hand-over), in one process.
  Seconds front_end_base{};
  Seconds front_end_per_token{};
  /// Prefill and decode in different servers: the prefill host's time per KV cache that it sends, base + per_token *
  /// prompt tokens, in which it launches no step; and the time that the two take to agree on a transfer. 0: not known.
  Seconds hand_over_base{};
  Seconds hand_over_per_token{};
  Seconds handshake{};
  /// A decode server takes in a KV cache only where so many tokens stay free for each sequence that it has.
  std::int32_t decode_reserve_tokens = 0;
  /// Host time that hides behind the GPU with async_scheduling: base + per_sequence * sequences.
  Seconds host_base{};
  Seconds host_per_sequence{};
};

/// A file of workloads/catalog/engines. Throws ConfigError with all its faults.
EngineProfile read_engine(const CatalogEntry& entry);

}  // namespace plimsoll
