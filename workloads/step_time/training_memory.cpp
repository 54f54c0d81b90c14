#include "workloads/step_time/training_memory.hpp"

#include <cmath>

#include "workloads/parameter_count.hpp"

namespace plimsoll {

namespace {

constexpr double kWeightAndGradient = 4;
constexpr double kOptimizer = 12;

}  // namespace

Bytes training_state_bytes(const ModelSpec& model, const TrainingCut& cut, bool sharded_optimizer) {
  const ParameterCount count = parameter_count(model);
  const double parts = static_cast<double>(cut.tensor) * cut.pipeline;
  const double experts = static_cast<double>(count.experts) / parts / cut.expert;
  const double rest = static_cast<double>(count.total - count.experts) / parts;
  const double sharers =
      sharded_optimizer ? static_cast<double>(cut.replicas() * cut.context) : 1.0;
  const double of_experts = sharded_optimizer ? sharers / cut.expert : 1.0;
  const double held =
      (rest + experts) * kWeightAndGradient + kOptimizer * (rest / sharers + experts / of_experts);
  return Bytes{std::llround(held)};
}

}  // namespace plimsoll
