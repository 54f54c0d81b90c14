// How long an optimizer step of a transformer takes, from model, cut, GPUs and where they are. Pure.
//
// Compute is 6 FLOP per parameter and token that passes through it, and 6 per hidden unit, layer and token of context
// for causal attention, forward and backward, at a share of the peak rate that one constant per GPU generation states;
// in fp8 attention and head stay bf16. What is no matrix product (norms, activations, casts) moves its bytes through
// memory. Communication beside it moves bytes over the bandwidth of the island or of the network; a pipeline idles
// while it fills and drains (Narayanan et al., "Efficient Large-Scale Language Model Training on GPU Clusters", SC
// 2021, section 2.2); and each step waits for the slowest node.
//
// Ranks are mapped to GPUs in the order of their placement: tensor innermost, then context, pipeline, data, as
// Megatron-LM does with --use-tp-pp-dp-mapping. A group that crosses islands moves its bytes at the network's rate, of
// all its members in an island together: they use a NIC each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/quantity.hpp"
#include "workloads/model_spec.hpp"
#include "workloads/step_time/training_law.hpp"

namespace plimsoll {

/// Of the matrix products.
enum class TrainingPrecision : std::uint8_t { bf16, fp8 };

[[nodiscard]] std::string parse_scalar(std::string_view text, TrainingPrecision& out);
std::string scalar_text(TrainingPrecision precision);

/// How a training job is cut. Experts are spread over the GPUs that hold the same layers and the same part of them:
/// those of a replica's context first, then over replicas.
struct TrainingCut {
  std::int32_t gpus = 1;
  std::int32_t tensor = 1;
  std::int32_t pipeline = 1;
  std::int32_t context = 1;         ///< GPUs that share a sequence
  std::int32_t virtual_stages = 1;  ///< of each GPU: interleaved schedule
  std::int32_t expert = 1;          ///< GPUs that share the experts of a layer
  std::int32_t batch = 1;           ///< sequences of a step, over all replicas
  std::int32_t micro_batch = 1;     ///< sequences of one pass through the pipeline
  std::int32_t sequence = 1;        ///< tokens

  std::int64_t replica_gpus() const { return std::int64_t{tensor} * pipeline * context; }
  std::int64_t replicas() const { return gpus / replica_gpus(); }
  /// Of the replica that has most.
  std::int64_t micro_batches() const {
    const std::int64_t each = replicas() * micro_batch;
    return (batch + each - 1) / each;
  }
};

/// Appends a sentence for each number below 1, and for what does not divide: GPUs by the model's cut, sequences by the
/// replicas' micro-batches, those that share a part of the model by experts.
void check_cut(const TrainingCut& cut, std::vector<std::string>& problems);

/// What the GPUs are and how they hang together, as the job is placed. An island is what NVLink joins.
struct TrainingGpus {
  FlopPerSecond rate;                ///< peak, dense, of the precision that is trained in
  FlopPerSecond bf16_rate;           ///< the same of what stays bf16
  BytesPerSecond memory_bandwidth;   ///< peak
  std::int32_t nodes = 1;            ///< each runs or stalls as one
  std::int32_t islands = 1;          ///< that the job has GPUs in
  std::int32_t fewest = 1;           ///< of its GPUs in one of them
  std::int32_t aligned = 1;          ///< greatest number that divides its GPUs in each of them
  BytesPerSecond island_bandwidth;   ///< of one GPU in one direction
  BytesPerSecond network_bandwidth;  ///< the same between islands
  double slowdown = 1;               ///< of the slowest node's compute, >= 1
};

/// The parts of a step, in seconds.
struct TrainingStep {
  double compute_s = 0;
  double tensor_s = 0;  ///< all-reduces (or their halves) of the tensor group
  double context_s =
      0;  ///< keys and values round the context's ring, as far as attention does not hide them
  double expert_s = 0;    ///< all-to-alls of tokens to experts and back
  double pipeline_s = 0;  ///< activations from stage to stage, as far as compute does not hide them
  double bubble_s = 0;    ///< the pipeline fills and drains
  double data_s = 0;      ///< gradients and parameters between replicas
  double straggler_s = 0;  ///< waiting for the slowest node

  double total_s() const {
    return compute_s + tensor_s + context_s + expert_s + pipeline_s + bubble_s + data_s +
           straggler_s;
  }
};

/// Expects at least one replica. Replicas share the batch as evenly as micro-batches allow.
///
/// Workers in step wait for each other in every collective, so that one slow node slows all compute, the bubble's
/// included, as much as its own; what crosses links does not get slower. Beside that, of many sound nodes one is
/// always a little late.
TrainingStep training_step(const ModelSpec& model, const TrainingCut& cut, const TrainingGpus& gpus,
                           const TrainingLaw& law);

double tokens_per_s_per_gpu(const TrainingCut& cut, const TrainingStep& step);

}  // namespace plimsoll
