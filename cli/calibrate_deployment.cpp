// plimsoll calibrate deployment: the anchor of a scenario's pool from benchmarks or telemetry of the real one.
#include <fmt/format.h>

#include <cmath>
#include <iostream>

#include "cli/calibrate.hpp"
#include "core/config/suggest.hpp"
#include "core/error.hpp"
#include "hardware/catalog_paths.hpp"
#include "planner/calibration/load_points.hpp"
#include "results/atomic_file.hpp"
#include "scenario/serving_spec.hpp"
#include "traces/trace_formats.hpp"

namespace plimsoll::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using Words = std::vector<std::string>;

Options declare() {
  Options options(
      "calibrate deployment SCENARIO --pool NAME RESULT... --out FILE",
      "Fits what a replica's step times lack to measured runs of the real one, and writes it as a\n"
      "file that pools.NAME.engine.anchor refers to. A result is what vllm bench serve "
      "--save-result\nwrote (with --save-detailed better), a JSON report of guidellm, or two "
      "scrapes "
      "of vLLM's\nmetrics (the text of /metrics, or the JSON of /api/v1/query), the earlier first. "
      "One or two\nloads suffice; more tell how far to trust the fit.");
  options.positional("scenario", "YAML file with the pool as it is deployed");
  options.positionals("results", "measured runs");
  options.add()("pool", po::value<std::string>()->value_name("NAME"),
                "pool of the scenario; default: the only one");
  options.add()("out,o", po::value<std::string>()->value_name("FILE"), "anchor file to write");
  options.add()("catalog", po::value<Words>()->value_name("DIR")->composing(),
                "search this catalogue first; may be repeated");
  return options;
}

const ResolvedPool& pool_of(const ResolvedScenario& resolved, const Options& options) {
  if (!options.given("pool")) {
    if (resolved.pools.size() == 1) return resolved.pools.front();
    throw ConfigError(Position{}, "--pool NAME is missing: the scenario has several pools.");
  }
  Words known;
  for (const ResolvedPool& pool : resolved.pools) {
    if (pool.name == options.get("pool")) return pool;
    known.push_back(pool.name);
  }
  throw ConfigError(Position{"--pool " + options.get("pool")},
                    unknown_name("pool", options.get("pool"), known));
}

std::string command_text(const Words& line) {
  std::string text = "plimsoll";
  for (std::size_t i = 1; i < line.size(); ++i) text += ' ' + line[i];
  return text;
}

std::string percent(const std::optional<double>& error) {
  return error ? fmt::format("{:+.1f}%", *error * 100) : "-";
}
std::string milliseconds(const std::optional<double>& seconds) {
  return seconds ? fmt::format("{:.2f}", *seconds * 1e3) : "-";
}

void print_fit(const AnchorFile& file, const AnchorFit& fit) {
  std::cout << fmt::format("{:<44}{:>7}{:>11}{:>9}{:>10}{:>11}{:>9}{:>10}\n", "load", "conc.",
                           "TTFT, ms", "error", "held out", "TPOT, ms", "error", "held out");
  for (const AnchorPoint& point : file.points) {
    const std::string name = point.measurement.size() > 43
                                 ? "..." + point.measurement.substr(point.measurement.size() - 40)
                                 : point.measurement;
    std::cout << fmt::format(
        "{:<44}{:>7.1f}{:>11}{:>9}{:>10}{:>11}{:>9}{:>10}\n", name, point.concurrency,
        milliseconds(point.ttft_s), percent(point.ttft_error), percent(point.held_out_ttft_error),
        milliseconds(point.tpot_s), percent(point.tpot_error), percent(point.held_out_tpot_error));
  }
  const AnchorFigures& anchor = file.anchor;
  std::cout << fmt::format(
      "\ndecode x {:.3f}, prefill x {:.3f}, step {:+.3f} ms, front end {:+.2f} ms {:+.3f} us per "
      "prompt token; {} trials\n",
      anchor.decode_scale, anchor.prefill_scale, anchor.step_offset_s * 1e3,
      anchor.front_end_s * 1e3, anchor.front_end_per_token_s * 1e6, fit.evaluations);
}

std::string range_text(const AnchorRange& range) {
  return range.least == range.most ? fmt::format("{:.4g}", range.most)
                                   : fmt::format("{:.4g} to {:.4g}", range.least, range.most);
}

/// What to do with the file, and how far it holds.
void print_use(const AnchorFile& file, const std::string& pool, const std::string& path) {
  std::cout << fmt::format(
      "\nWrote {}: set pools.{}.engine.anchor to it (a path from the scenario's folder).\n"
      "Measured: {} requests in flight per replica, prompts of {} and answers of {} tokens on "
      "average;\nruns outside are marked \"extrapolating\".\n",
      path, pool, range_text(file.concurrency), range_text(file.prompt_tokens),
      range_text(file.output_tokens));
  constexpr double kPoor = 0.25;
  for (const AnchorPoint& point : file.points) {
    for (const auto& [name, error] :
         {std::pair{"TTFT", point.ttft_error}, {"TPOT", point.tpot_error}}) {
      if (error && std::abs(*error) > kPoor)
        std::cout << fmt::format(
            "Poor: {} of {} is off by {}. Is the pool deployed as it was measured, and were the "
            "lengths of its requests as replayed (vllm bench serve --save-detailed)?\n",
            name, point.measurement, percent(error));
    }
  }
}

}  // namespace

int calibrate_deployment_command(const Call& call) {
  Options options = declare();
  if (!options.parse(call.words)) return 0;
  if (!options.given("out")) throw ConfigError(Position{}, "--out FILE is missing.");
  std::vector<fs::path> given;
  for (const std::string& folder : options.get_or<Words>("catalog", {})) given.emplace_back(folder);
  const fs::path scenario = options.get("scenario");
  const ResolvedScenario resolved = load_scenario(
      scenario, {}, {given, call.registry.routing_names(), builtin_trace_formats().names()});
  const ResolvedPool& pool = pool_of(resolved, options);
  const std::vector<BenchmarkRun> runs = read_benchmarks(options.get<Words>("results"));
  std::vector<LoadPoint> points;
  for (const BenchmarkRun& run : runs) {
    for (const std::string& note : run.notes) std::cerr << run.name << ": " << note << '\n';
    points.push_back(load_point(run));
  }
  const std::vector<fs::path> roots = catalog_roots(given, scenario.parent_path());
  HardwareCatalog hardware(roots);
  WorkloadCatalog workloads(roots);
  const ServingSpec spec = unanchored_spec(resolved, pool);
  const std::string path = "pools." + pool.name;
  const auto deploy = [&](const Anchor& anchor) {
    ServingSpec anchored = spec;
    anchored.anchor = anchor;
    return deploy_serving(hardware, workloads, anchored, {resolved.root, path});
  };
  const AnchorPrior prior =
      anchor_prior(workloads.engine(spec.engine, position_of(resolved.root, path + ".engine")),
                   workloads.model(spec.model, position_of(resolved.root, path + ".model")));
  const AnchorFit fit = fit_anchor(deploy, points, prior);
  AnchorFile file = anchor_file(spec, runs, fit);
  file.command = command_text(call.line);
  AtomicFile out(options.get("out"));
  out.write("# What measured runs say of this deployment beyond its operators' sum.\n");
  out.write(anchor_yaml(file));
  out.commit();
  print_fit(file, fit);
  print_use(file, pool.name, options.get("out"));
  return 0;
}

}  // namespace plimsoll::cli
