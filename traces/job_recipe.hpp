// A synthetic trace of jobs as `plimsoll trace synthesize-jobs` makes it: a YAML file such as
// traces/synthetic/batch_day.yaml.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/config/fields.hpp"
#include "core/quantity.hpp"
#include "traces/job_synthesis.hpp"

namespace plimsoll {

struct JobRecipe {
  std::string like;
  std::optional<PerSecond> rate;
  std::optional<std::int64_t> jobs;
  std::optional<Duration> duration;
  std::optional<std::int32_t> max_gpus;
  bool steady = false;
  std::uint64_t seed = 0;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("like", &JobRecipe::like, "Law of the jobs: a name of traces/job_laws, or a path.",
          required);
    visit("rate", &JobRecipe::rate, "Mean rate of submissions; left out, that of the law.",
          PerSecond{1e-9}, PerSecond{1e6});
    visit("jobs", &JobRecipe::jobs, "Number of jobs after which the trace ends.", std::int64_t{1},
          std::int64_t{100'000'000});
    visit("duration", &JobRecipe::duration, "How long the trace is.", above(Duration{0}));
    visit("max_gpus", &JobRecipe::max_gpus, "Larger jobs are never drawn.", 0, 1'000'000);
    visit("steady", &JobRecipe::steady,
          "Leaves out what tells days apart: weekdays and rates of days.");
    visit("seed", &JobRecipe::seed, "Chooses the random draws.");
  }
};

/// What the recipe asks of its law. Throws ConfigError at `at` unless it says where the trace ends.
JobSynthesis synthesis_of(const JobRecipe& recipe, const Position& at);

}  // namespace plimsoll
