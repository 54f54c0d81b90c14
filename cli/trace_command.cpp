// plimsoll trace: synthetic traces, and the tables and laws that they are drawn from.
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "cli/command.hpp"
#include "cli/trace_jobs.hpp"
#include "cli/trace_output.hpp"
#include "core/config/suggest.hpp"
#include "core/config/yaml.hpp"
#include "core/error.hpp"
#include "hardware/catalog_paths.hpp"
#include "traces/length_tables.hpp"
#include "traces/synthesis.hpp"
#include "traces/trace_source.hpp"
#include "traces/trace_writer.hpp"

namespace plimsoll::cli {
namespace {

/// A shipped table by name, or a file; an unknown name is a fault of the recipe.
std::string lengths_file(const std::string& name, const ConfigNode& recipe) {
  if (names_file(name)) return name;
  return shipped_length_tables().find(name, position_of(recipe, "lengths")).root.at.source;
}

int synthesize_trace(const std::vector<std::string>& words) {
  Options options(
      "trace synthesize RECIPE --output FILE",
      "Makes the trace that a recipe describes, such as traces/synthetic/chat_1h.yaml:\n"
      "CSV of arrival_s, prompt_tokens, output_tokens; compressed for a name in .zst.");
  options.positional("recipe",
                     "YAML file with rate, shape, rate_cv, rate_window, lengths, duration, seed");
  add_output(options, "trace to write");
  if (!options.parse(words)) return 0;
  const ConfigNode recipe = load_yaml(options.get("recipe"));
  const auto config = read_config<SynthesisConfig>(recipe);
  const auto lengths =
      std::make_shared<const LengthTables>(read_lengths(lengths_file(config.lengths, recipe)));
  SyntheticStream stream = synthesize(config, lengths);
  write_trace(stream, output_of(options));
  return 0;
}

int fit_trace_lengths(const std::vector<std::string>& words) {
  Options options("trace fit FORMAT:FILE --output TABLE.yaml",
                  "Fits 64-knot quantile tables of prompt and answer lengths to a trace.");
  options.positional("trace", "trace to fit, e.g. azure:AzureLLMInferenceTrace_conv.csv.zst");
  add_output(options, "table to write");
  if (!options.parse(words)) return 0;
  const Position at{"trace " + options.get("trace")};
  const LengthTables tables =
      fit_trace(parse_trace_argument(options.get("trace"), at), at, output_of(options));
  write_lengths(tables, output_of(options));
  return 0;
}

}  // namespace

int trace_command(const Call& call) {
  const std::vector<std::string> known{"synthesize", "fit", "synthesize-jobs", "fit-jobs"};
  if (call.words.empty() || call.words[0] == "--help" || call.words[0] == "-h") {
    std::cout << "Usage: plimsoll trace synthesize RECIPE --output FILE\n"
                 "       plimsoll trace fit FORMAT:FILE --output TABLE.yaml\n"
                 "       plimsoll trace synthesize-jobs RECIPE --output FILE\n"
                 "       plimsoll trace fit-jobs FORMAT:FILE --output LAW.yaml\n\n"
                 "plimsoll trace synthesize --help and so on tell more.\n";
    return call.words.empty() ? 2 : 0;
  }
  const std::vector<std::string> rest(call.words.begin() + 1, call.words.end());
  if (call.words[0] == "synthesize") return synthesize_trace(rest);
  if (call.words[0] == "fit") return fit_trace_lengths(rest);
  if (call.words[0] == "synthesize-jobs") return synthesize_jobs_command(rest);
  if (call.words[0] == "fit-jobs") return fit_jobs_command(rest);
  throw ConfigError(Position{}, unknown_name("trace command", call.words[0], known));
}

}  // namespace plimsoll::cli
