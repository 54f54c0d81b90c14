// The closed-form step-time model: rooflines with fitted constants, collapsed at construction into a few tables and
// whole-number coefficients, so that an iteration costs a table read.
//
//   T = max(T_gpu, T_host) + O          with asynchronous scheduling; T_gpu + T_host + O without
//   T_gpu = layers (dense(m') + attention + all-reduce(m')) + head(sampled)
//
// m' is the number of tokens, padded to the next captured CUDA graph where there is one. Deterministic: the
// coefficients are rounded once, to ticks; what follows is integer arithmetic.
#pragma once

#include <cstdint>
#include <memory>

#include "workloads/engine_profile.hpp"
#include "workloads/model_spec.hpp"
#include "workloads/step_time/calibration.hpp"
#include "workloads/step_time/operators.hpp"
#include "workloads/step_time/step_time.hpp"

namespace plimsoll {

/// What a replica runs as: how it is cut and how large its steps may be.
struct ReplicaShape {
  Precision precision = Precision::bf16;
  std::int32_t tensor_parallel = 1;  ///< divides the model's heads; 1, or in calibration.all_reduce
  std::int32_t max_num_seqs = 0;     ///< the model answers for 1 ... max_num_seqs sequences
  std::int32_t max_num_batched_tokens =
      0;  ///< tables cover so many tokens; beyond, the last slope holds
};

/// Shared by a pool's replicas and by the policies that predict with it; immutable.
std::shared_ptr<const StepTimeModel> make_closed_form(const ModelSpec& model,
                                                      const DeviceRates& rates,
                                                      const Calibration& calibration,
                                                      const EngineProfile& engine,
                                                      const ReplicaShape& shape);

}  // namespace plimsoll
