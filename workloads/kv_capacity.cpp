#include "workloads/kv_capacity.hpp"

#include <algorithm>

namespace plimsoll {

KvCapacity kv_capacity(const ModelSpec& model, const MemoryPlan& plan) {
  KvCapacity capacity;
  const double usable = plan.utilization * static_cast<double>(plan.gpu_memory.count());
  capacity.usable = Bytes{static_cast<std::int64_t>(usable)};
  const std::int32_t stages = plan.parallelism.pipeline;
  capacity.weights = weight_bytes_per_gpu(model, plan.quantization, plan.parallelism);
  capacity.reserve = plan.reserve;
  const Bytes per_token =
      kv_bytes_per_token(model, plan.quantization, plan.parallelism.tensor) * plan.block_size;
  capacity.per_block = Bytes{std::max<std::int64_t>(1, (per_token.count() + stages - 1) / stages)};
  const Bytes left = capacity.usable - capacity.weights - capacity.reserve;
  capacity.blocks = std::max<std::int64_t>(0, left.count() / capacity.per_block.count());
  capacity.blocks_needed =
      (std::int64_t{plan.max_model_len} + plan.block_size - 1) / plan.block_size;
  return capacity;
}

}  // namespace plimsoll
