// What the GPUs of a replica tell each other in a step: all-reduces, tokens to experts and back,
// stages of a pipeline.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/model_spec.hpp"
#include "workloads/parallelism.hpp"
#include "workloads/step_time/device_rates.hpp"
#include "workloads/step_time/operator_laws.hpp"

namespace plimsoll {

/// us; `bytes` of the message as CollectiveLaw counts them. The nearest law's, or the datasheet's
/// where none is.
double collective_us(const std::string& operation, std::int32_t gpus, double bytes,
                     const std::vector<CollectiveLaw>& laws, BytesPerSecond link);

/// Of all layers, us, for `tokens` of each attention rank. Each layer's attention and MLP end in an
/// all-reduce among the tensor ranks. Experts that several attention ranks share get their tokens
/// by an all-to-all (each token's hidden vector goes to at most `expert` groups) and send them back
/// by another, in bf16, in place of the second all-reduce.
class Communication {
 public:
  Communication(const ModelSpec& model, const Parallelism& parallelism, const DeviceRates& rates,
                const std::vector<CollectiveLaw>& laws)
      : model_(model), parallelism_(parallelism), rates_(rates), laws_(laws) {}

  double layers_us(double tokens) const;
  /// From one pipeline stage to the next.
  double send_us(double tokens) const;

 private:
  ModelSpec model_;
  Parallelism parallelism_;
  DeviceRates rates_;
  std::vector<CollectiveLaw> laws_;
};

}  // namespace plimsoll
