#include "workloads/serving_parts.hpp"

#include <algorithm>

#include "core/config/suggest.hpp"
#include "workloads/step_time/datasheet_laws.hpp"
#include "workloads/step_time/device_rates.hpp"

namespace plimsoll {
namespace {

Calibration calibration_of(const GpuSpec& gpu, WorkloadCatalog& workloads, const Position& asked) {
  const std::vector<std::string> known = workloads.calibrations().names();
  if (!std::binary_search(known.begin(), known.end(), gpu.name)) return datasheet_calibration(gpu);
  return workloads.calibration(gpu.name, asked);
}

Precision precision_of(const std::string& name, std::string_view what,
                       const std::vector<std::string>& known, const Position& asked) {
  if (std::find(known.begin(), known.end(), name) == known.end())
    throw ConfigError(asked, unknown_name(what, name, known));
  return *parse_precision(name);
}

std::optional<Precision> kv_precision(const ServingSpec& spec, PoolFaults& faults) {
  if (spec.kv_cache_dtype == "auto") return Precision::bf16;
  return faults.look_up("kv_cache_dtype", [&](const Position& at) {
    return precision_of(spec.kv_cache_dtype, "KV cache dtype", {"bf16", "fp8"}, at);
  });
}

void check_tensor(const ServingParts& parts, const ServingSpec& spec, PoolFaults& faults) {
  const std::int32_t ranks = spec.parallelism.tensor;
  const auto divides = [&](std::int32_t size) { return size % ranks == 0; };
  const ModelSpec& model = parts.model;
  const bool kv_heads =
      model.latent_attention || divides(model.kv_heads) || ranks % model.kv_heads == 0;
  if (!divides(model.heads) || !divides(model.intermediate) || !kv_heads)
    faults.add(
        "tensor_parallel",
        fmt::format("= {} does not divide {}: it has {} heads, {} key-value heads and an MLP "
                    "of {}.",
                    ranks, model.name, model.heads, model.kv_heads, model.intermediate));
}

void check_experts(const ServingParts& parts, const ServingSpec& spec, PoolFaults& faults) {
  const Parallelism& cut = spec.parallelism;
  const std::int32_t shared = cut.tensor * cut.data;
  if (!parts.model.mixture) {
    if (cut.expert > 1)
      faults.add("expert_parallel",
                 fmt::format("= {}: {} has no experts.", cut.expert, parts.model.name));
    return;
  }
  const MixtureSpec& mixture = *parts.model.mixture;
  if (shared % cut.expert != 0)
    return faults.add("expert_parallel",
                      fmt::format("= {} does not divide the {} GPUs that share the experts "
                                  "(tensor_parallel * data_parallel).",
                                  cut.expert, shared));
  if (cut.expert > mixture.experts)
    faults.add("expert_parallel", fmt::format("= {}: {} has {} experts.", cut.expert,
                                              parts.model.name, mixture.experts));
  if (mixture.intermediate % cut.expert_tensor() != 0)
    faults.add("tensor_parallel",
               fmt::format("cuts each expert {} ways, which does not divide its width of {}; use a "
                           "larger expert_parallel.",
                           cut.expert_tensor(), mixture.intermediate));
}

void check_rates(const ServingParts& parts, const ServingSpec& spec, PoolFaults& faults) {
  const DeviceRates rates = device_rates(parts.gpu);
  if (spec.parallelism.gpus() > 1 && rates.link.count() <= 0 &&
      parts.calibration.laws.collectives.empty())
    faults.add("tensor_parallel", fmt::format("= {}: the catalogue states no link between {} GPUs.",
                                              spec.parallelism.tensor, parts.gpu.name));
  if (rates.of(parts.dtype).count() <= 0)
    faults.add("dtype", fmt::format("= {}: the catalogue has no rate of {} for it; use bf16.",
                                    precision_name(parts.dtype), parts.gpu.name));
}

void check_speculation(const ServingParts& parts, PoolFaults& faults) {
  if (!parts.speculative) return;
  const SpeculativeSpec& speculative = *parts.speculative;
  if (speculative.draft_tokens < 1)
    faults.add("speculative.draft_tokens",
               fmt::format("= {}: at least one is drafted.", speculative.draft_tokens));
  else if (!(speculative.accepted_length >= 1 &&
             speculative.accepted_length <= speculative.draft_tokens + 1))
    faults.add("speculative.accepted_length",
               fmt::format("= {:g} is outside [1, {}]: a step yields one token, and each of {} "
                           "drafted ones at most once.",
                           speculative.accepted_length, speculative.draft_tokens + 1,
                           speculative.draft_tokens));
}

/// The catalogue's accepted length, where the pool gives none.
std::optional<SpeculativeSpec> speculation_of(const ServingSpec& spec, const std::string& model,
                                              WorkloadCatalog& workloads, PoolFaults& faults) {
  std::optional<SpeculativeSpec> speculative = spec.speculative;
  if (!speculative || speculative->accepted_length != 0 || speculative->draft_tokens < 1)
    return speculative;
  const auto measured = faults.look_up(
      "speculative", [&](const Position& at) { return workloads.acceptance(model, at); });
  if (!measured) return speculative;
  const std::vector<double>& lengths = measured->with_thinking.value;
  if (speculative->draft_tokens > static_cast<std::int32_t>(lengths.size())) {
    faults.add("speculative.draft_tokens",
               fmt::format("= {}: acceptance lengths of {} are known up to {}; give "
                           "accepted_length.",
                           speculative->draft_tokens, model, lengths.size()));
    return speculative;
  }
  speculative->accepted_length = lengths[static_cast<std::size_t>(speculative->draft_tokens) - 1];
  return speculative;
}

}  // namespace

ServingParts look_up_parts(HardwareCatalog& hardware, WorkloadCatalog& workloads,
                           const ServingSpec& spec, PoolFaults& faults) {
  const auto model =
      faults.look_up("model", [&](const Position& at) { return workloads.model(spec.model, at); });
  const auto gpu =
      faults.look_up("nodes", [&](const Position& at) { return hardware.gpu(spec.gpu, at); });
  const auto engine = faults.look_up(
      "engine.profile", [&](const Position& at) { return workloads.engine(spec.engine, at); });
  const auto dtype = faults.look_up("dtype", [&](const Position& at) {
    return precision_of(spec.dtype, "dtype", {"bf16", "fp8", "fp8_block", "nvfp4", "mxfp4", "int4"},
                        at);
  });
  const auto kv = kv_precision(spec, faults);
  std::optional<Calibration> calibration;
  if (gpu)
    calibration = faults.look_up(
        "nodes", [&](const Position& at) { return calibration_of(*gpu, workloads, at); });
  const auto speculative =
      model ? speculation_of(spec, model->name, workloads, faults) : std::nullopt;
  faults.throw_if_any();
  ServingParts parts{*model,     *gpu, *calibration, *engine, *dtype, quantization_of(*dtype),
                     speculative};
  parts.quantization.kv = *kv;
  return parts;
}

void check_parts(const ServingParts& parts, const ServingSpec& spec, PoolFaults& faults) {
  check_tensor(parts, spec, faults);
  check_experts(parts, spec, faults);
  if (spec.parallelism.pipeline > parts.model.layers)
    faults.add("pipeline_parallel",
               fmt::format("= {}: {} has {} layers.", spec.parallelism.pipeline, parts.model.name,
                           parts.model.layers));
  check_rates(parts, spec, faults);
  check_speculation(parts, faults);
}

}  // namespace plimsoll
