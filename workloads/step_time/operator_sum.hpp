// The step-time model that serving runs on: operators by their laws, summed, and collapsed at
// construction into a few tables of whole numbers, so that an iteration costs a handful of table
// reads.
//
//   T = max(T_gpu, T_host) + O          with asynchronous scheduling; T_gpu + T_host + O without
//   T_gpu = dense(m') + attention + head(sampled), over all layers (replica_operators.hpp)
//
// m' is the number of tokens, padded to the next captured CUDA graph where there is one.
//
// Pipelines: n sequences run as q = min(n, p) micro-batches, each of which passes all stages while
// the others fill the rest: a token of each takes T_gpu(n / q, S / q) + (q - 1) heads (the last
// stage's extra work) + p sends. With n < p stages idle, which the same formula says. Prompts
// likewise, but no micro-batch is smaller than the largest chunk.
//
// Speculation: a decode step verifies g + 1 tokens per sequence and is divided by the accepted
// length, so that the pace per token is right in the mean; in steps that prefill, decoding
// sequences bring (g + 1) / accepted tokens each.
//
// Anchors: T_gpu of decode steps times decode_scale; in steps that prefill, what prompts add times
// prefill_scale; step_offset joins O.
//
// Deterministic: coefficients are rounded once, to ticks; what follows is integer arithmetic.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "workloads/engine_profile.hpp"
#include "workloads/step_time/anchor.hpp"
#include "workloads/step_time/replica_operators.hpp"
#include "workloads/step_time/speculation.hpp"
#include "workloads/step_time/step_time.hpp"

namespace plimsoll {

/// How large the steps of a replica may be, and what changes them from outside.
struct StepShape {
  std::int32_t max_num_seqs = 0;  ///< the model answers for 1 ... max_num_seqs sequences
  /// Tables cover so many tokens; beyond, the last slope holds.
  std::int32_t max_num_batched_tokens = 0;
  std::int32_t max_model_len = 0;  ///< tokens of the longest prompt, likewise
  std::optional<SpeculativeSpec> speculative{};
  Anchor anchor{};
};

/// Shared by a pool's replicas and by the policies that predict with it; immutable.
std::shared_ptr<const StepTimeModel> make_operator_sum(const ReplicaOperators& operators,
                                                       const EngineProfile& engine,
                                                       const StepShape& shape);

}  // namespace plimsoll
