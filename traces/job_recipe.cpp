#include "traces/job_recipe.hpp"

#include "core/error.hpp"

namespace plimsoll {

JobSynthesis synthesis_of(const JobRecipe& recipe, const Position& at) {
  constexpr double kHour_s = 3600;
  if (!recipe.jobs && !recipe.duration)
    throw ConfigError(at, "nothing says where the trace ends: give jobs, duration or both.");
  JobSynthesis synthesis;
  if (recipe.rate) synthesis.jobs_per_hour = recipe.rate->count() * kHour_s;
  synthesis.jobs = recipe.jobs;
  synthesis.horizon = recipe.duration;
  synthesis.most_gpus = recipe.max_gpus;
  synthesis.steady = recipe.steady;
  return synthesis;
}

}  // namespace plimsoll
