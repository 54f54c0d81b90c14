// How long a replica takes from its start until it is sent requests.
#pragma once

#include "core/quantity.hpp"

namespace plimsoll {

/// The stages of a start.
struct ColdStart {
  /// From storage into the memory of all of a replica's GPUs. Safetensors from cold files on H100:
  /// 2.8 GB/s for Qwen3-32B, 5.7 GB/s for Llama-3.1-8B; with a loader made for it 30 and 24 GB/s
  /// (medians of 30 loads, ServerlessLLM's published results).
  BytesPerSecond storage{2.8e9};
  /// Compilation from its cache, memory profiling, CUDA graphs: "init engine (profile, create kv
  /// cache, warmup model) took 34.11 seconds" of a small Llama 3.2 (a user's log in vLLM's tracker, number 20264).
  Duration engine{34'000'000'000};
  /// Of health checks, the first one interval after the start: Kubernetes' default.
  Duration probe_interval{10'000'000'000};
};

/// From the start until the first health check after weights are loaded and the engine is ready.
Duration ready_after(const ColdStart& start, Bytes weights);

}  // namespace plimsoll
