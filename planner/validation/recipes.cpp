#include "planner/validation/recipes.hpp"

#include <algorithm>

#include "core/config/fields.hpp"
#include "core/config/yaml.hpp"

namespace plimsoll {
namespace {

struct Entry : BenchRecipe {
  template <class Visit>
  static void fields(Visit&& visit) {
    constexpr std::int32_t kMost = 1'000'000'000;
    visit("engine", &Entry::engine, "Which engine.", required);
    visit("model", &Entry::model, "Which model of the catalogue.", required);
    visit("gpus", &Entry::gpus, "Which GPUs of the catalogue; none: all.");
    visit("prompt_tokens", &Entry::prompt_tokens, "Only this prompt length.", 1, kMost);
    visit("output_tokens", &Entry::output_tokens, "Only this output length.", 1, kMost);
    visit("most_tensor", &Entry::most_tensor, "Only up to this tensor degree.", 1, kMost);
    visit("least_clients", &Entry::least_clients, "Only from this many clients.", 1, kMost);
    visit("source", &Entry::source, "Where the arguments are published.", required);
    visit("least_version", &Entry::least_version,
          "Version whose defaults earlier ones were given.");
    visit("kv_cache_dtype", &Entry::kv_cache_dtype, "Format of the KV cache.");
    visit("max_num_seqs", &Entry::max_num_seqs, "Most sequences in a step.", 1, kMost);
    visit("max_num_batched_tokens", &Entry::max_num_batched_tokens, "Most new tokens in a step.", 1,
          kMost);
    visit("gpu_memory_utilization", &Entry::gpu_memory_utilization,
          "Share of the memory that the engine takes.", above(0.0));
    visit("admission_steps", &Entry::admission_steps,
          "Steps that a request waits before the scheduler looks at it.", 0.0, 1000.0);
  }
};

struct RecipeFile {
  std::vector<Entry> recipes;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("recipes", &RecipeFile::recipes, "Recipes; the first that fits counts.", required);
  }
};

bool fits(const BenchRecipe& recipe, const BenchRun& run) {
  const auto& gpus = recipe.gpus;
  return recipe.engine == run.engine && recipe.model == run.model &&
         (gpus.empty() || std::find(gpus.begin(), gpus.end(), run.gpu) != gpus.end()) &&
         recipe.prompt_tokens.value_or(run.prompt_tokens) == run.prompt_tokens &&
         recipe.output_tokens.value_or(run.output_tokens) == run.output_tokens &&
         run.tensor <= recipe.most_tensor && run.clients >= recipe.least_clients;
}

}  // namespace

std::vector<BenchRecipe> read_recipes(const std::filesystem::path& file) {
  const auto read = read_config<RecipeFile>(load_yaml(file));
  return {read.recipes.begin(), read.recipes.end()};
}

const BenchRecipe* recipe_for(const std::vector<BenchRecipe>& recipes, const BenchRun& run) {
  for (const BenchRecipe& recipe : recipes)
    if (fits(recipe, run)) return &recipe;
  return nullptr;
}

void apply(const BenchRecipe& recipe, ServingSpec& spec) {
  spec.kv_cache_dtype = recipe.kv_cache_dtype;
  spec.max_num_seqs = recipe.max_num_seqs;
  spec.max_num_batched_tokens = recipe.max_num_batched_tokens;
  spec.gpu_memory_utilization = recipe.gpu_memory_utilization;
}

}  // namespace plimsoll
