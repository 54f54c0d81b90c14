// Everything that one rank of a replica computes in a step, summed over the layers, before an
// engine's habits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/model_spec.hpp"
#include "workloads/parallelism.hpp"
#include "workloads/step_time/attention_terms.hpp"
#include "workloads/step_time/communication.hpp"
#include "workloads/step_time/device_rates.hpp"
#include "workloads/step_time/layer_matrices.hpp"
#include "workloads/step_time/operator_laws.hpp"

namespace plimsoll {

/// What a replica is made of.
struct ReplicaRecipe {
  ModelSpec model;
  std::string dtype = "bf16";  ///< a precision's name: what layer curves are found by
  Quantization quantization{};
  Parallelism parallelism{};
  DeviceRates rates{};
  OperatorLaws laws{};  ///< one of each kind that the model needs
  std::int32_t lora_adapters = 0;
};

/// Times in us, for `tokens` of each attention rank, whose batches are taken to be equally large.
class ReplicaOperators {
 public:
  explicit ReplicaOperators(const ReplicaRecipe& recipe);

  /// All layers but attention: matrix products, elementwise kernels, routed experts, communication.
  double dense(double tokens) const;
  double head(double sequences) const;  ///< output head and sampler; 0 for none
  double send(double tokens) const { return communication_.send_us(tokens); }
  const AttentionTerms& attention() const { return attention_; }
  const ReplicaRecipe& recipe() const { return recipe_; }

 private:
  double matrices(double tokens) const;
  double routed_experts(double tokens) const;
  double elementwise(double bytes) const;

  ReplicaRecipe recipe_;
  std::vector<LayerMatrix> matrices_;
  AttentionTerms attention_;
  Communication communication_;
  std::optional<LayerCurve> curve_;
};

/// Factor on the matrix products of a step whose sequences use so many LoRA adapters; 1 for none.
double lora_factor(std::int32_t adapters);

}  // namespace plimsoll
