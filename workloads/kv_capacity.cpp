#include "workloads/kv_capacity.hpp"

#include <algorithm>

namespace plimsoll {

KvCapacity kv_capacity(const ModelSpec& model, const MemoryPlan& plan) {
  KvCapacity capacity;
  const double usable = plan.utilization * static_cast<double>(plan.gpu_memory.count());
  capacity.usable = Bytes{static_cast<std::int64_t>(usable)};
  const std::int64_t ranks = plan.tensor_parallel;
  const std::int64_t weights = weight_bytes(model, plan.quantization).count();
  capacity.weights = Bytes{(weights + ranks - 1) / ranks};
  capacity.reserve = plan.reserve;
  capacity.per_block =
      kv_bytes_per_token(model, plan.quantization, plan.tensor_parallel) * plan.block_size;
  const Bytes left = capacity.usable - capacity.weights - capacity.reserve;
  capacity.blocks = std::max<std::int64_t>(0, left.count() / capacity.per_block.count());
  capacity.blocks_needed =
      (std::int64_t{plan.max_model_len} + plan.block_size - 1) / plan.block_size;
  return capacity;
}

}  // namespace plimsoll
