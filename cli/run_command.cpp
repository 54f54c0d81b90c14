// plimsoll run: a scenario in; a summary, run.h5 and report.html out.
#include <fmt/format.h>
#include <sys/resource.h>
#include <tbb/global_control.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <optional>
#include <thread>

#include "cli/command.hpp"
#include "cli/cpu_time.hpp"
#include "cli/interrupt.hpp"
#include "core/error.hpp"
#include "core/version.hpp"
#include "hardware/catalog_paths.hpp"
#include "report/html.hpp"
#include "report/progress.hpp"
#include "report/summary_json.hpp"
#include "report/terminal.hpp"
#include "results/atomic_file.hpp"
#include "results/output_folder.hpp"
#include "results/run_file.hpp"
#include "results/run_meta.hpp"
#include "scenario/resolve.hpp"
#include "sim/kernel/stopwatch.hpp"
#include "sim/plan_run.hpp"
#include "traces/job_trace_formats.hpp"
#include "traces/trace_formats.hpp"
#include "traces/trace_source.hpp"

namespace plimsoll::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

/// Stopped by a signal: what was begun has been taken back.
struct Interrupted {};

Options run_options() {
  Options options(
      "run SCENARIO [options]",
      "Simulates the scenario and prints what it would be like: latency, goodput, utilization,\n"
      "cost and energy. Writes run.h5 (all facts), report.html (one self-contained page) and\n"
      "run.meta.json (host, times) into a folder.");
  options.positional("scenario", "YAML file, e.g. examples/chat-70b.yaml");
  options.add()("out,o", po::value<std::string>()->value_name("DIR"),
                "folder for the results (default: a new one under runs/)");
  options.add()("set", po::value<std::vector<std::string>>()->value_name("PATH=VALUE")->composing(),
                "replace a field, e.g. pools.chat.replicas=8; may be repeated");
  options.add()("trace", po::value<std::string>()->value_name("FORMAT:FILE"),
                "drive the scenario's pool with this trace");
  options.add()("seed", po::value<std::uint64_t>()->value_name("N"), "replace run.seed");
  options.add()("threads", po::value<unsigned>()->value_name("N"),
                "threads to use (default: one per core); results do not depend on it");
  options.add()("catalog", po::value<std::vector<std::string>>()->value_name("DIR")->composing(),
                "search this catalogue first; may be repeated");
  options.add()("json", "print the summary as one JSON object instead of a table");
  options.add()("quiet,q", "print no progress and no table");
  options.add()("no-report", "write no report.html");
  options.add()("compress", "compress run.h5: smaller, slower");
  options.add()("dump-views", po::value<std::string>()->value_name("FILE"),
                "record what the gateways see and decide, as JSON lines for plimsoll advise");
  return options;
}

/// --trace belongs to the one pool that there is.
void set_trace(ScenarioTree& tree, const std::string& argument) {
  const std::string origin = "--trace " + argument;
  const TraceSource source = parse_trace_argument(argument, {origin});
  const ConfigNode* pools = tree.root.find("pools");
  if (pools == nullptr || pools->entries.size() != 1) {
    throw ConfigError({origin},
                      "says not which of the scenario's pools it drives; with several, use --set "
                      "'pools.NAME.workload={trace: {format: F, path: P}}'");
  }
  const Position at{origin};
  ConfigNode workload = ConfigNode::map(at);
  ConfigNode& trace = workload.add("trace", ConfigNode::map(at));
  trace.add("format", ConfigNode::scalar(source.format, at)).quoted = true;
  trace.add("path", ConfigNode::scalar(source.path, at)).quoted = true;
  set_field(tree, "pools." + pools->entries.front().key + ".workload", std::move(workload));
}

std::vector<fs::path> given_catalogs(const Options& options) {
  std::vector<fs::path> catalogs;
  for (const std::string& folder : options.get_or<std::vector<std::string>>("catalog", {})) {
    catalogs.emplace_back(folder);
  }
  return catalogs;
}

struct Planned {
  ResolvedScenario resolved;
  RunPlan plan;
};

Planned plan(const Options& options, const PolicyRegistry& registry) {
  const fs::path file = options.get("scenario");
  ScenarioTree tree = load_scenario_tree(file);
  const fs::path folder = tree.folder;
  for (const std::string& assignment : options.get_or<std::vector<std::string>>("set", {})) {
    set_field(tree, assignment);
  }
  if (options.given("seed")) {
    const std::string seed = std::to_string(options.get<std::uint64_t>("seed"));
    set_field(tree, "run.seed", seed, "--seed " + seed);
  }
  if (options.given("trace")) set_trace(tree, options.get("trace"));
  const std::vector<fs::path> given = given_catalogs(options);
  ScenarioContext context{given, registry.routing_names(), builtin_trace_formats().names(),
                          registry.scheduling_names(), builtin_job_trace_formats().names()};
  std::vector<Fault> faults;
  Planned planned{resolve_scenario(std::move(tree), context, faults), {}};
  planned.plan =
      plan_run(planned.resolved, registry,
               {catalog_roots(given, folder), options.given("dump-views")}, std::move(faults));
  return planned;
}

unsigned threads_of(const Options& options) {
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  const unsigned threads = options.get_or<unsigned>("threads", cores);
  if (threads == 0 || threads > 1024) {
    throw ConfigError({"--threads"}, fmt::format("= {} is outside [1, 1024]", threads));
  }
  return threads;
}

/// Runs to the end; `views` receives what gateways saw, tick by tick.
template <class Executor>
void simulate(Simulation& simulation, Executor& executor, const Interrupt& interrupt,
              ProgressBar* bar, AtomicFile* views) {
  const Stopwatch watch;
  bool more = true;
  while (more) {
    more = simulation.advance(executor);
    if (views != nullptr) views->write(simulation.take_recording());
    if (interrupt.requested()) throw Interrupted{};
    if (bar == nullptr) continue;
    const RunProgress progress = simulation.progress();
    const bool told = progress.expected_end != kNever;
    bar->update({to_seconds(progress.now), told ? to_seconds(progress.expected_end) : 0,
                 progress.arrived, watch.seconds()});
  }
  if (bar != nullptr) bar->clear();
}

void simulate_on(unsigned threads, Simulation& simulation, const Interrupt& interrupt,
                 ProgressBar* bar, AtomicFile* views) {
  if (threads == 1) {
    SerialExecutor executor;
    simulate(simulation, executor, interrupt, bar, views);
  } else {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    TbbExecutor executor(threads);
    simulate(simulation, executor, interrupt, bar, views);
  }
}

std::string utc_now(std::time_t seconds) {
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::uint64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

OutputFolder output_folder(const Options& options, const ResolvedScenario& resolved,
                           std::time_t started) {
  const auto notice = [](std::string_view text) { std::cerr << text << '\n'; };
  if (options.given("out")) return OutputFolder(options.get("out"), notice);
  const std::string name =
      resolved.scenario.metadata.name.value_or(fs::path(options.get("scenario")).stem().string());
  return OutputFolder::fresh("runs", name + "-" + utc_stamp(started), notice);
}

RunMeta meta_of(const Call& call, const Options& options, const ResolvedScenario& resolved,
                unsigned threads) {
  RunMeta meta;
  meta.version = version();
  meta.command = call.line;
  meta.host = host_name();
  meta.threads = threads;
  meta.inputs.emplace_back("scenario", options.get("scenario"));
  for (const ResolvedPool& pool : resolved.pools) {
    if (!pool.trace.empty()) meta.inputs.emplace_back("trace of " + pool.name, pool.trace.string());
    if (!pool.lengths.empty()) {
      meta.inputs.emplace_back("lengths of " + pool.name, pool.lengths.string());
    }
  }
  for (const ResolvedJobs& jobs : resolved.jobs) {
    if (!jobs.trace.empty()) meta.inputs.emplace_back("trace of " + jobs.name, jobs.trace.string());
    if (!jobs.profiles.empty())
      meta.inputs.emplace_back("profiles of " + jobs.name, jobs.profiles.string());
    if (!jobs.law.empty()) meta.inputs.emplace_back("law of " + jobs.name, jobs.law.string());
  }
  for (const CatalogEntry& entry : resolved.catalog) {
    meta.inputs.emplace_back("catalogue", entry.root.at.source);
  }
  return meta;
}

void print_levels(const std::vector<EngineReport>& reports) {
  for (const EngineReport& report : reports) {
    std::cout << fmt::format("Engine {}: {}", report.pool, report.level);
    if (report.level != "serial") {
      std::cout << fmt::format(", {:g} ms each, bound by {}", report.window_s * 1e3,
                               report.binding_edge);
    }
    std::cout << '\n';
  }
}

/// The results on disk, then on the terminal.
void deliver(const Options& options, OutputFolder& folder, const RunFacts& facts,
             const Summary& summary, RunMeta& meta, PartTimes& times) {
  RunFileOptions file_options;
  file_options.compress = options.given("compress");
  write_run(folder.file("run.h5"), facts, &summary, file_options);
  times.end_of("write run.h5");
  if (!options.given("no-report")) {
    AtomicFile page(folder.file("report.html"));
    page.write(render_html(facts, summary));
    page.commit();
    times.end_of("write report.html");
  }
  meta.digest = facts.digest;
  meta.peak_memory_bytes = peak_memory_bytes();
  meta.cpu_s = cpu_seconds();
  meta.part_cpu_s = times.parts();
  write_meta(folder.file("run.meta.json"), meta);
  if (options.given("json")) {
    std::cout << summary_json(facts, summary);
  } else if (!options.given("quiet")) {
    std::cout << render_summary(facts, summary);
    print_levels(meta.engine);
    std::cout << fmt::format("Results in {}\n", folder.path().string());
  }
}

int run_planned(const Call& call, const Options& options, unsigned threads, Planned planned,
                PartTimes& times) {
  const std::time_t started = std::time(nullptr);
  const Stopwatch watch;
  const Interrupt interrupt;
  std::optional<AtomicFile> views;
  if (options.given("dump-views")) views.emplace(options.get("dump-views"));
  std::optional<ProgressBar> bar;
  if (!options.given("quiet")) bar.emplace(stderr);
  try {
    Simulation simulation(std::move(planned.plan));
    simulate_on(threads, simulation, interrupt, bar ? &*bar : nullptr, views ? &*views : nullptr);
    times.end_of("simulate");
    const RunFacts facts = simulation.take_facts();
    const Summary summary = summarize(facts);
    for (const std::string& broken : check_conservation(facts)) throw std::logic_error(broken);
    times.end_of("summarize");
    RunMeta meta = meta_of(call, options, planned.resolved, threads);
    meta.started_utc = utc_now(started);
    meta.engine = simulation.engine_reports();
    meta.wall_s = watch.seconds();
    OutputFolder folder = output_folder(options, planned.resolved, started);
    if (interrupt.requested()) throw Interrupted{};
    if (views) views->commit();
    deliver(options, folder, facts, summary, meta, times);
    return 0;
  } catch (const Interrupted&) {
    if (bar) bar->clear();
    std::cerr << "plimsoll: interrupted; no results were written\n";
    return 130;
  }
}

}  // namespace

int run_command(const Call& call) {
  Options options = run_options();
  if (!options.parse(call.words)) return 0;
  PartTimes times;
  const unsigned threads = threads_of(options);
  Planned planned = plan(options, call.registry);
  times.end_of("read inputs");
  return run_planned(call, options, threads, std::move(planned), times);
}

}  // namespace plimsoll::cli
