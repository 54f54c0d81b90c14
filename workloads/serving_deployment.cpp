#include "workloads/serving_deployment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/config/suggest.hpp"
#include "workloads/busy_power.hpp"
#include "workloads/step_time/closed_form.hpp"

namespace plimsoll {
namespace {

/// Faults of one pool, at their lines.
class PoolFaults {
 public:
  explicit PoolFaults(const ServingPlace& place) : place_(place) {}

  Position at(const std::string& key) const { return position_of(place_.root, path(key)); }
  /// "<path>.<key> <message>"
  void add(const std::string& key, const std::string& message) {
    faults_.push_back({at(key), fmt::format("{} {}", path(key), message)});
  }
  /// Runs a lookup; its ConfigError joins the faults.
  template <class Lookup>
  auto look_up(const std::string& key, Lookup&& lookup)
      -> std::optional<decltype(lookup(Position{}))> {
    try {
      return lookup(at(key));
    } catch (const ConfigError& error) {
      for (Fault fault : error.faults()) {
        if (fault.at.text() == at(key).text()) fault.message = path(key) + ": " + fault.message;
        faults_.push_back(std::move(fault));
      }
      return std::nullopt;
    }
  }
  void throw_if_any() {
    if (!faults_.empty()) throw ConfigError(std::move(faults_));
  }

 private:
  std::string path(const std::string& key) const {
    return place_.path.empty() ? key : place_.path + "." + key;
  }
  const ServingPlace& place_;
  std::vector<Fault> faults_;
};

/// The catalogue's entries that a deployment is made of.
struct Parts {
  ModelSpec model;
  GpuSpec gpu;
  Calibration calibration;
  EngineProfile engine;
  Precision precision = Precision::bf16;
};

Parts look_up_parts(HardwareCatalog& hardware, WorkloadCatalog& workloads, const ServingSpec& spec,
                    PoolFaults& faults) {
  const auto model =
      faults.look_up("model", [&](const Position& at) { return workloads.model(spec.model, at); });
  const auto gpu =
      faults.look_up("nodes", [&](const Position& at) { return hardware.gpu(spec.gpu, at); });
  const auto engine = faults.look_up(
      "engine.profile", [&](const Position& at) { return workloads.engine(spec.engine, at); });
  const auto precision = faults.look_up("dtype", [&](const Position& at) {
    if (const auto known = parse_precision(spec.dtype)) return *known;
    throw ConfigError(at, unknown_name("dtype", spec.dtype, {"bf16", "fp8"}));
  });
  std::optional<Calibration> calibration;
  if (gpu)
    calibration = faults.look_up(
        "nodes", [&](const Position& at) { return workloads.calibration(gpu->name, at); });
  faults.throw_if_any();
  return {*model, *gpu, *calibration, *engine, *precision};
}

void check_cut(const Parts& parts, const ServingSpec& spec, PoolFaults& faults) {
  const std::int32_t ranks = spec.parallelism.tensor;
  const auto divides = [&](std::int32_t size) { return size % ranks == 0; };
  const ModelSpec& model = parts.model;
  const std::string key = "tensor_parallel";
  if (!divides(model.heads) || !divides(model.intermediate) || !divides(model.vocab) ||
      (!divides(model.kv_heads) && ranks % model.kv_heads != 0))
    faults.add(
        key, fmt::format(
                 "= {} does not divide {}: it has {} heads, {} key-value heads, an MLP of {} "
                 "and a vocabulary of {}.",
                 ranks, model.name, model.heads, model.kv_heads, model.intermediate, model.vocab));
  if (ranks > 1 && parts.calibration.all_reduce_among(ranks) == nullptr) {
    std::string known = "1";
    for (const auto& entry : parts.calibration.all_reduce) known += fmt::format(", {}", entry.gpus);
    faults.add(key, fmt::format("= {}: no all-reduce is calibrated among so many {}. Known: {}.",
                                ranks, parts.gpu.name, known));
  }
  if (parts.precision == Precision::fp8 && (!parts.gpu.fp8_dense || !parts.calibration.gemm_fp8))
    faults.add("dtype", fmt::format("= fp8: the catalogue has no fp8 rate of {}; use bf16.",
                                    parts.gpu.name));
}

/// The scheduler's limits: what the user gave, or the engine's defaults. Like the engine, a default number of sequences
/// gives way to a smaller token budget.
void fill_limits(const Parts& parts, const ServingSpec& spec, PoolFaults& faults,
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
std::string does_not_fit(const Parts& parts, const ServingSpec& spec,
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
      spec.model, spec.dtype, spec.parallelism.tensor, parts.gpu.name, gigabytes(memory.weights),
      gigabytes(memory.reserve), gigabytes(memory.per_block * memory.blocks_needed),
      out.max_model_len, gigabytes(memory.needed()), gigabytes(memory.usable),
      spec.gpu_memory_utilization, gigabytes(parts.gpu.memory_capacity.value),
      parts.precision == Precision::bf16 ? ", dtype fp8" : "");
}

void fill_memory(const Parts& parts, const ServingSpec& spec, PoolFaults& faults,
                 ServingDeployment& out) {
  out.memory = kv_capacity(parts.model, {.gpu_memory = parts.gpu.memory_capacity.value,
                                         .utilization = spec.gpu_memory_utilization,
                                         .reserve = parts.engine.memory_reserve,
                                         .quantization = quantization_of(parts.precision),
                                         .tensor_parallel = spec.parallelism.tensor,
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

void fill_power(const Parts& parts, const ServingSpec& spec, ServingDeployment& out) {
  const PowerCoefficients& power = parts.calibration.power;
  out.idle_power_w = parts.gpu.idle_power.value.count();
  out.busy_power_w = busy_power_w(power, parts.gpu.idle_power.value,
                                  parts.gpu.board_power_max.value, out.max_num_seqs);
  if (power.model != parts.model.name || power.tensor_parallel != spec.parallelism.tensor ||
      parts.precision != Precision::bf16)
    out.extrapolations.push_back(
        fmt::format("power: {} in {} on {} {} is taken to draw what {} in bf16 on {} of them does.",
                    parts.model.name, spec.dtype, spec.parallelism.tensor, parts.gpu.name,
                    power.model, power.tensor_parallel));
}

DeviceRates device_rates(const Parts& parts) {
  const FlopPerSecond bf16 = parts.gpu.bf16_dense.value;
  return {bf16, parts.precision == Precision::fp8 ? parts.gpu.fp8_dense->value : bf16,
          parts.gpu.memory_bandwidth.value};
}

}  // namespace

ServingDeployment deploy_serving(HardwareCatalog& hardware, WorkloadCatalog& workloads,
                                 const ServingSpec& spec, const ServingPlace& place) {
  PoolFaults faults(place);
  const Parts parts = look_up_parts(hardware, workloads, spec, faults);
  ServingDeployment out;
  check_cut(parts, spec, faults);
  fill_limits(parts, spec, faults, out);
  faults.throw_if_any();
  fill_memory(parts, spec, faults, out);
  faults.throw_if_any();
  fill_power(parts, spec, out);
  out.level = parts.calibration.level;
  out.step_time_error = parts.calibration.median_error;
  out.step_time =
      make_closed_form(parts.model, device_rates(parts), parts.calibration, parts.engine,
                       {.precision = parts.precision,
                        .tensor_parallel = spec.parallelism.tensor,
                        .max_num_seqs = out.max_num_seqs,
                        .max_num_batched_tokens = out.max_num_batched_tokens});
  return out;
}

}  // namespace plimsoll
