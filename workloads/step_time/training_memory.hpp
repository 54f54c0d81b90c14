// What of a GPU's memory a model in training takes, whatever its batch.
#pragma once

#include "core/quantity.hpp"
#include "workloads/model_spec.hpp"
#include "workloads/step_time/training_step.hpp"

namespace plimsoll {

/// Mixed precision with Adam takes 16 bytes per parameter: 2 of weights, 2 of gradients, and 12 of the optimizer's
/// state (fp32 weights, momentum, variance), which replicas may share (Rajbhandari et al., "ZeRO: Memory Optimizations
/// Toward Training Trillion Parameter Models", SC 2020, section 3.1 and 5.1). Of one GPU. Activations come on top: how
/// much they take depends on what is recomputed.
Bytes training_state_bytes(const ModelSpec& model, const TrainingCut& cut, bool sharded_optimizer);

}  // namespace plimsoll
