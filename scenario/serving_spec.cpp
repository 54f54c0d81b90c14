#include "scenario/serving_spec.hpp"

#include <fmt/format.h>

#include "workloads/step_time/anchor_file.hpp"

namespace plimsoll {
namespace {

std::string shown(const AnchoredDeployment& one) {
  return fmt::format("{} in {} on {} with {}, TP {} PP {} DP {} EP {}", one.model, one.dtype,
                     one.gpu, one.engine, one.tensor_parallel, one.pipeline_parallel,
                     one.data_parallel, one.expert_parallel);
}

AnchoredDeployment asked_of(const ServingSpec& spec) {
  const Parallelism& cut = spec.parallelism;
  return {spec.model, spec.gpu,     spec.engine, spec.dtype,
          cut.tensor, cut.pipeline, cut.expert,  cut.data};
}

ServingSpec spec_of(const PoolConfig& pool, const GpuSpec& gpu, const EngineConfig& engine,
                    const Parallelism& parallelism) {
  ServingSpec spec;
  spec.model = pool.model;
  spec.gpu = gpu.name;
  spec.engine = engine.profile;
  spec.dtype = pool.dtype;
  spec.kv_cache_dtype = pool.kv_cache_dtype;
  spec.parallelism = parallelism;
  spec.lora_adapters = pool.lora_adapters;
  spec.prefix_caching = engine.prefix_caching;
  if (const auto& speculative = pool.speculative)
    spec.speculative = {speculative->draft_tokens, speculative->accepted_length.value_or(0),
                        speculative->draft_share};
  spec.max_num_seqs = engine.max_num_seqs;
  spec.max_num_batched_tokens = engine.max_num_batched_tokens;
  spec.block_size = engine.block_size;
  spec.max_model_len = engine.max_model_len;
  spec.gpu_memory_utilization = engine.gpu_memory_utilization;
  spec.num_gpu_blocks = engine.num_gpu_blocks;
  return spec;
}

/// Anchors `spec` by the file that the field at `path` names.
void anchor_by(const std::filesystem::path& anchor, const std::string& path, const ConfigNode& root,
               ServingSpec& spec) {
  const AnchorFile file = read_anchor(anchor);
  if (file.deployment != asked_of(spec)) {
    throw ConfigError(position_of(root, path),
                      fmt::format("{} was fitted to {}; the pool is {}. Fit one with plimsoll "
                                  "calibrate deployment, or leave it out.",
                                  path, shown(file.deployment), shown(asked_of(spec))));
  }
  spec.anchor = anchor_of(file);
}

}  // namespace

ServingSpec unanchored_spec(const ResolvedScenario& resolved, const ResolvedPool& pool) {
  const PoolConfig& config = resolved.scenario.pools.at(pool.name);
  return spec_of(config, resolved.groups[pool.group].gpu, config.engine, config.parallelism());
}

ServingSpec serving_spec(const ResolvedScenario& resolved, const ResolvedPool& pool) {
  ServingSpec spec = unanchored_spec(resolved, pool);
  if (!pool.anchor.empty())
    anchor_by(pool.anchor, "pools." + pool.name + ".engine.anchor", resolved.root, spec);
  return spec;
}

ServingSpec prefill_spec(const ResolvedScenario& resolved, const ResolvedPool& pool) {
  const PoolConfig& config = resolved.scenario.pools.at(pool.name);
  const PrefillConfig& prefill = *config.prefill;
  ServingSpec spec = spec_of(config, resolved.groups[pool.prefill_group].gpu,
                             prefill.engine.value_or(config.engine), prefill.parallelism());
  if (!pool.prefill_anchor.empty()) {
    anchor_by(pool.prefill_anchor, "pools." + pool.name + ".prefill.engine.anchor", resolved.root,
              spec);
  } else if (!prefill.engine && !pool.anchor.empty()) {
    const AnchorFile file = read_anchor(pool.anchor);
    if (file.deployment == asked_of(spec)) spec.anchor = anchor_of(file);
  }
  return spec;
}

}  // namespace plimsoll
