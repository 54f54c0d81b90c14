#include "cli/trace_jobs.hpp"

#include "cli/trace_output.hpp"
#include "core/config/yaml.hpp"
#include "core/error.hpp"
#include "hardware/catalog_paths.hpp"
#include "traces/job_csv.hpp"
#include "traces/job_law_fit.hpp"
#include "traces/job_recipe.hpp"

namespace plimsoll::cli {
namespace {

/// "philly:FILE" in its two parts; the path may hold colons.
TraceSource job_trace_argument(const std::string& text, const Position& at) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon + 1 == text.size())
    throw ConfigError(at, "\"" + text + "\" is not FORMAT:FILE, such as philly:jobs.csv.zst.");
  return {text.substr(0, colon), text.substr(colon + 1)};
}

/// A shipped law by name, or a file; an unknown name is a fault of the recipe.
std::string law_file(const std::string& name, const ConfigNode& recipe) {
  if (names_file(name)) return name;
  return shipped_job_laws().find(name, position_of(recipe, "like")).root.at.source;
}

}  // namespace

int fit_jobs_command(const std::vector<std::string>& words) {
  Options options("trace fit-jobs FORMAT:FILE --output LAW.yaml",
                  "Fits a law to a trace of jobs: arrivals, sizes, running times, requests.");
  options.positional("trace", "trace to fit, e.g. philly:philly_jobs.csv.zst");
  add_output(options, "law to write");
  if (!options.parse(words)) return 0;
  const Position at{"trace " + options.get("trace")};
  const JobLaw law =
      fit_job_trace(job_trace_argument(options.get("trace"), at), at, output_of(options));
  write_job_law(law, output_of(options));
  return 0;
}

int synthesize_jobs_command(const std::vector<std::string>& words) {
  Options options("trace synthesize-jobs RECIPE --output FILE",
                  "Makes the trace of jobs that a recipe describes, such as\n"
                  "traces/synthetic/batch_day.yaml: CSV of the job format csv; compressed for a "
                  "name in .zst.");
  options.positional("recipe", "YAML file with like, rate, jobs, duration, max_gpus, steady, seed");
  add_output(options, "trace to write");
  if (!options.parse(words)) return 0;
  const ConfigNode node = load_yaml(options.get("recipe"));
  const auto recipe = read_config<JobRecipe>(node);
  const JobSynthesis synthesis = synthesis_of(recipe, node.at);
  const JobLaw law = read_job_law(law_file(recipe.like, node));
  write_csv_jobs(draw_jobs(law, synthesis, recipe.seed, "job"), output_of(options));
  return 0;
}

}  // namespace plimsoll::cli
