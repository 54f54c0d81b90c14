// The plainest step-time model, linear in everything, for tests and benchmarks of engines.
#pragma once

#include <algorithm>

#include "workloads/step_time/step_time.hpp"

namespace plimsoll {

/// max(base + per_sequence n + per_context_token S + per_prefill_token c, host_floor), where n and S are of the
/// decoding sequences. A host floor above the base makes a kink in the decode law.
class LinearStepTime final : public StepTimeModel {
 public:
  struct Config {
    Ticks base = 0;
    Ticks per_sequence = 0;
    Ticks per_context_token = 0;
    Ticks per_prefill_token = 0;
    Ticks host_floor = 0;
  };
  explicit LinearStepTime(Config config) : config_(config) {}

  DecodeLine decode(std::int32_t sequences, std::int64_t context) const override {
    const Ticks start = config_.base + config_.per_sequence * sequences;
    const DecodeLine line{start, config_.per_context_token};
    if (line.at(context) >= config_.host_floor) return line;
    if (config_.per_context_token == 0) return {config_.host_floor, 0};
    const Ticks missing = config_.host_floor - start;
    return {config_.host_floor, 0,
            (missing + config_.per_context_token - 1) / config_.per_context_token};
  }

  Ticks mixed(const MixedBatch& batch) const override {
    Ticks time = config_.base + config_.per_sequence * batch.decode_sequences +
                 config_.per_context_token * batch.decode_context;
    for (const PrefillChunk& chunk : batch.prefill)
      time += config_.per_prefill_token * chunk.new_tokens;
    return std::max(time, config_.host_floor);
  }

 private:
  Config config_;
};

}  // namespace plimsoll
