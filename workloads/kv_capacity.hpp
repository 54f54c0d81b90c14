// How many KV blocks a replica has room for, and whether the model fits at all.
#pragma once

#include <cstdint>

#include "core/quantity.hpp"
#include "workloads/model_spec.hpp"
#include "workloads/parallelism.hpp"

namespace plimsoll {

/// What shares the memory of one GPU of a replica.
struct MemoryPlan {
  Bytes gpu_memory{};        ///< of one GPU
  double utilization = 0.9;  ///< share of it that the engine may take, in (0, 1]
  Bytes reserve{};           ///< activations, graphs, communication buffers
  Quantization quantization{};
  Parallelism parallelism{};
  std::int32_t block_size = 16;    ///< tokens per KV block
  std::int32_t max_model_len = 0;  ///< tokens of the longest sequence: at least one must fit
};

/// The memory of one GPU, divided up. `blocks` may be too few: see `fits`.
struct KvCapacity {
  Bytes usable{};   ///< utilization * memory
  Bytes weights{};  ///< this GPU's part of them
  Bytes reserve{};
  Bytes per_block{};               ///< this GPU's part of one KV block
  std::int64_t blocks = 0;         ///< floor((usable - weights - reserve) / per_block), at least 0
  std::int64_t blocks_needed = 0;  ///< of one sequence of max_model_len

  bool fits() const { return blocks >= blocks_needed; }
  Bytes needed() const {
    return weights + reserve + per_block * blocks_needed;
  }  ///< to serve one sequence
};

/// blocks = floor((utilization memory - weights per GPU - reserve) / (block_size * KV bytes per
/// token and GPU)), as vLLM's memory profiling leaves them. Layers and their caches are spread
/// evenly over the stages of a pipeline.
KvCapacity kv_capacity(const ModelSpec& model, const MemoryPlan& plan);

}  // namespace plimsoll
