#include "workloads/serving_deployment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "workloads/busy_power.hpp"
#include "workloads/serving_parts.hpp"
#include "workloads/step_time/datasheet_laws.hpp"
#include "workloads/step_time/extrapolation.hpp"
#include "workloads/step_time/operator_sum.hpp"

namespace plimsoll {
namespace {

/// The scheduler's limits: what the user gave, or the engine's defaults. Like the engine, a default
/// number of sequences gives way to a smaller token budget.
void fill_limits(const ServingParts& parts, const ServingSpec& spec, PoolFaults& faults,
                 ServingDeployment& out) {
  out.block_size = spec.block_size.value_or(parts.engine.block_size);
  out.max_num_batched_tokens =
      spec.max_num_batched_tokens.value_or(parts.engine.max_num_batched_tokens);
  out.max_num_seqs =
      spec.max_num_seqs.value_or(std::min(parts.engine.max_num_seqs, out.max_num_batched_tokens));
  out.max_model_len = spec.max_model_len.value_or(parts.model.max_context);
  if (out.max_num_seqs > out.max_num_batched_tokens)
    faults.add(
        "engine.max_num_seqs",
        fmt::format(
            "= {} is above max_num_batched_tokens = {}: each sequence of a step needs a token.",
            out.max_num_seqs, out.max_num_batched_tokens));
  if (out.max_model_len > parts.model.max_context)
    faults.add("engine.max_model_len",
               fmt::format("= {} is above the {} tokens of {}.", out.max_model_len,
                           parts.model.max_context, parts.model.name));
}

double gigabytes(Bytes bytes) { return static_cast<double>(bytes.count()) * 1e-9; }

/// Of one GPU: what it needs beside what it may use, and what to do.
std::string does_not_fit(const ServingParts& parts, const ServingSpec& spec,
                         const ServingDeployment& out) {
  const KvCapacity& memory = out.memory;
  return fmt::format(
      "= {} in {} does not fit: each of {} {} needs {:.1f} GB for weights, {:.1f} GB for "
      "activations and "
      "{:.1f} GB for the KV cache of one sequence of {} tokens, {:.1f} GB in all, but may use "
      "{:.1f} GB "
      "({:g} of {:.1f} GB). Use more GPUs per replica (tensor_parallel){}, a lower "
      "engine.max_model_len or a "
      "higher engine.gpu_memory_utilization.",
      spec.model, spec.dtype, spec.parallelism.gpus(), parts.gpu.name, gigabytes(memory.weights),
      gigabytes(memory.reserve), gigabytes(memory.per_block * memory.blocks_needed),
      out.max_model_len, gigabytes(memory.needed()), gigabytes(memory.usable),
      spec.gpu_memory_utilization, gigabytes(parts.gpu.memory_capacity.value),
      parts.dtype == Precision::bf16 ? ", dtype fp8" : "");
}

void fill_memory(const ServingParts& parts, const ServingSpec& spec, PoolFaults& faults,
                 ServingDeployment& out) {
  out.memory = kv_capacity(parts.model, {.gpu_memory = parts.gpu.memory_capacity.value,
                                         .utilization = spec.gpu_memory_utilization,
                                         .reserve = parts.engine.memory_reserve,
                                         .quantization = parts.quantization,
                                         .parallelism = spec.parallelism,
                                         .block_size = out.block_size,
                                         .max_model_len = out.max_model_len});
  out.kv_blocks = spec.num_gpu_blocks.value_or(out.memory.blocks);
  const bool room_for_weights = out.memory.blocks > 0;
  if (!out.memory.fits() && !(spec.num_gpu_blocks && room_for_weights)) {
    faults.add("model", does_not_fit(parts, spec, out));
  } else if (out.kv_blocks < out.memory.blocks_needed) {
    faults.add("engine.num_gpu_blocks",
               fmt::format("= {} is below the {} blocks that one sequence of {} tokens needs.",
                           out.kv_blocks, out.memory.blocks_needed, out.max_model_len));
  }
}

void fill_power(const ServingParts& parts, const ServingSpec& spec, ServingDeployment& out) {
  const Watts idle = parts.gpu.idle_power.value;
  const Watts limit = parts.gpu.board_power_max.value;
  out.idle_power_w = idle.count();
  const MeasuredPower power = power_of(parts.calibration.power, parts.model.name, spec.dtype,
                                       spec.parallelism.tensor, idle, limit);
  out.busy_power_w = busy_power_w(power.curve, idle, limit, out.max_num_seqs);
  if (!power.note.empty())
    out.extrapolations.push_back(fmt::format("power: {} in {} on {} {} is taken to draw {}.",
                                             parts.model.name, spec.dtype, spec.parallelism.tensor,
                                             parts.gpu.name, power.note));
}

/// The name under which calibrations state errors of an engine's versions.
std::string engine_family(const std::string& engine) {
  if (engine.starts_with("tensorrt-llm")) return "trtllm";
  return engine.substr(0, engine.find('-'));
}

void fill_error(const ServingParts& parts, const ServingSpec& spec, ServingDeployment& out) {
  out.level = spec.anchor.points > 0 ? std::string(kAnchoredLevel) : parts.calibration.level;
  if (const StatedError* error =
          parts.calibration.error_of(out.level, engine_family(spec.engine))) {
    out.step_time_error = error->median;
    out.step_time_error_p90 = error->p90;
  }
}

void fill_step_time(const ServingParts& parts, const ServingSpec& spec, ServingDeployment& out) {
  const ReplicaRecipe recipe{.model = parts.model,
                             .dtype = std::string(precision_name(parts.dtype)),
                             .quantization = parts.quantization,
                             .parallelism = spec.parallelism,
                             .rates = device_rates(parts.gpu),
                             .laws = completed_laws(parts.calibration.laws, parts.gpu),
                             .lora_adapters = spec.lora_adapters};
  const StepShape shape{.max_num_seqs = out.max_num_seqs,
                        .max_num_batched_tokens = out.max_num_batched_tokens,
                        .max_model_len = out.max_model_len,
                        .speculative = parts.speculative,
                        .anchor = spec.anchor};
  out.step_time = make_operator_sum(ReplicaOperators(recipe), parts.engine, shape);
  if (parts.calibration.level == kDatasheetLevel) {
    out.extrapolations.push_back(fmt::format(
        "extrapolating: no operator of {} was measured; other GPUs' shares of their datasheets' "
        "rates stand in.",
        parts.gpu.name));
    out.measured = anchor_ranges(spec.anchor);
    return;
  }
  MeasuredScope scope = measured_scope(recipe, parts.calibration.laws, shape, parts.gpu.name);
  out.measured = std::move(scope.ranges);
  out.extrapolations.insert(out.extrapolations.end(), scope.sentences.begin(),
                            scope.sentences.end());
}

/// Before the engine has a request: its own time, and what an anchor adds.
void fill_front_end(const ServingParts& parts, const ServingSpec& spec, ServingDeployment& out) {
  const Seconds base = parts.engine.front_end_base + spec.anchor.front_end;
  out.front_end = std::max(Duration{0}, std::chrono::duration_cast<Duration>(base));
  out.front_end_per_token_s =
      std::max(0.0, (parts.engine.front_end_per_token + spec.anchor.front_end_per_token).count());
}

void fill_hand_over(const EngineProfile& engine, ServingDeployment& out) {
  out.hand_over = std::chrono::duration_cast<Duration>(engine.hand_over_base);
  out.hand_over_per_token_s = engine.hand_over_per_token.count();
  out.handshake = std::chrono::duration_cast<Duration>(engine.handshake);
  out.decode_reserve_tokens = engine.decode_reserve_tokens;
}

}  // namespace

ServingDeployment deploy_serving(HardwareCatalog& hardware, WorkloadCatalog& workloads,
                                 const ServingSpec& spec, const ServingPlace& place) {
  PoolFaults faults(place);
  const ServingParts parts = look_up_parts(hardware, workloads, spec, faults);
  ServingDeployment out;
  out.parallelism = spec.parallelism;
  out.scheduler = parts.engine.scheduler;
  out.prefix_caching = spec.prefix_caching.value_or(parts.engine.prefix_caching);
  check_parts(parts, spec, faults);
  fill_limits(parts, spec, faults, out);
  faults.throw_if_any();
  fill_memory(parts, spec, faults, out);
  faults.throw_if_any();
  fill_power(parts, spec, out);
  fill_error(parts, spec, out);
  fill_front_end(parts, spec, out);
  fill_hand_over(parts.engine, out);
  fill_step_time(parts, spec, out);
  return out;
}

}  // namespace plimsoll
