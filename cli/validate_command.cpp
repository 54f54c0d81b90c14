// plimsoll validate: how far the models are from what others measured.
#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <thread>

#include "cli/validate.hpp"
#include "core/config/suggest.hpp"
#include "core/error.hpp"
#include "hardware/catalog_paths.hpp"
#include "planner/validation/run.hpp"

namespace plimsoll::cli {

namespace fs = std::filesystem;
namespace po = boost::program_options;

fs::path data_folder(const Options& options, std::string_view command) {
  if (options.given("data")) return options.get("data");
  const char* named = std::getenv("PLIMSOLL_DATA");
  if (named != nullptr && *named != '\0') return named;
  throw ConfigError(Position{},
                    fmt::format("{} needs measurements: give their folder as --data DIR or "
                                "in $PLIMSOLL_DATA.",
                                command));
}

int validate_serving(const std::vector<std::string>& words) {
  Options options("validate serving [--data DIR] [options]",
                  "Compares the serving models with published measurements: every set that the "
                  "data folder\nholds. Prints errors per slice and the figures beside their "
                  "targets. Exits with 1 when a\nfigure is worse than what the shipped "
                  "calibrations reached by more than its margin.");
  options.add()("data", po::value<std::string>()->value_name("DIR"),
                "folder of measurements; default: $PLIMSOLL_DATA");
  options.add()("catalog", po::value<std::vector<std::string>>()->value_name("DIR")->composing(),
                "search this catalogue first; may be repeated");
  options.add()("set", po::value<std::vector<std::string>>()->value_name("NAME")->composing(),
                "only this set; may be repeated");
  options.add()("json", "print figures, slices and all predictions as JSON");
  options.add()("threads", po::value<std::size_t>()->value_name("N"),
                "deployments tried at a time; default: the machine's processors");
  if (!options.parse(words)) return 0;
  const fs::path data = data_folder(options, "validate serving");
  ValidationContext context;
  const auto catalogs = options.get_or<std::vector<std::string>>("catalog", {});
  context.catalogs = catalog_roots({catalogs.begin(), catalogs.end()}, ".");
  context.threads =
      options.get_or<std::size_t>("threads", std::max(1u, std::thread::hardware_concurrency()));
  const auto expectations =
      read_expectations(shipped_data() / "planner" / "validation" / "expected" / "serving.yaml");
  const ValidationRun run = run_validation(
      data, options.get_or<std::vector<std::string>>("set", {}), expectations, context);
  std::cout << (options.given("json") ? render_json(run) : render_table(run));
  return run.regressed() ? 1 : 0;
}

int validate_command(const Call& call) {
  if (call.words.empty() || call.words[0] == "--help" || call.words[0] == "-h") {
    std::cout << "Usage: plimsoll validate serving [--data DIR] [--set NAME] [--json]\n"
                 "       plimsoll validate tables [--data DIR] [--table NAME] [--json]\n"
                 "       plimsoll validate collectives [--data DIR]\n\n"
                 "serving: predictions of serving models against measurements\n"
                 "tables: published results of cluster schedulers, reproduced\n"
                 "collectives: times of collectives against measurements\n\n"
                 "Each tells more with --help.\n";
    return call.words.empty() ? 2 : 0;
  }
  const std::vector<std::string> rest(call.words.begin() + 1, call.words.end());
  if (call.words[0] == "serving") return validate_serving(rest);
  if (call.words[0] == "tables") return validate_tables(rest);
  if (call.words[0] == "collectives") return validate_collectives(rest);
  throw ConfigError(Position{}, unknown_name("subject to validate", call.words[0],
                                             {"serving", "tables", "collectives"}));
}

}  // namespace plimsoll::cli
