// How a published benchmark started its engines: what its result rows leave out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "workloads/serving_deployment.hpp"

namespace plimsoll {

/// Engine arguments of one kind of deployment. A recipe is for the rows that all of its conditions hold for.
struct BenchRecipe {
  std::string engine;                         ///< "vllm", "sglang", "trtllm"
  std::string model;                          ///< a name of workloads/catalog/models
  std::vector<std::string> gpus;              ///< catalogue names; empty: all
  std::optional<std::int32_t> prompt_tokens;  ///< nominal; none: all
  std::optional<std::int32_t> output_tokens;
  std::int32_t most_tensor = 1 << 20;
  std::int32_t least_clients = 1;
  std::string source;

  std::string least_version{};  ///< earlier versions were started as this one is by default
  std::string kv_cache_dtype = "auto";
  std::optional<std::int32_t> max_num_seqs;
  std::optional<std::int32_t> max_num_batched_tokens;
  double gpu_memory_utilization = 0.9;
  /// Steps that a request waits in the mean before the scheduler looks at it (batch_wait_timeout_iters, half of
  /// scheduler-recv-interval).
  double admission_steps = 0;
};

/// The load and the deployment that a recipe is looked up for.
struct BenchRun {
  std::string engine;
  std::string model;
  std::string gpu;
  std::int32_t tensor = 1;
  std::int32_t prompt_tokens = 0;
  std::int32_t output_tokens = 0;
  std::int32_t clients = 1;
};

/// Throws ConfigError with all faults of the file.
std::vector<BenchRecipe> read_recipes(const std::filesystem::path& file);

/// The first recipe for the run; nullptr: none, the engine's defaults stand.
const BenchRecipe* recipe_for(const std::vector<BenchRecipe>& recipes, const BenchRun& run);

/// Puts the recipe's arguments into the spec.
void apply(const BenchRecipe& recipe, ServingSpec& spec);

}  // namespace plimsoll
