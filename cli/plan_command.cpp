// plimsoll plan: the configuration that serves a load best under bounds on latency.
#include <fmt/format.h>

#include <array>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "cli/command.hpp"
#include "core/config/override.hpp"
#include "core/config/yaml.hpp"
#include "core/error.hpp"
#include "hardware/catalog_paths.hpp"
#include "planner/parallelism_query.hpp"

namespace plimsoll::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using nlohmann::json;
using Words = std::vector<std::string>;

/// A flag that stands for a field of the query.
struct Flag {
  const char* name;
  const char* field;
  const char* shown;
  const char* doc;
  bool list = false;
};

constexpr std::array kFlags{
    Flag{"model", "model", "NAME", "model of the catalogue"},
    Flag{"node", "node", "NAME", "node type of the catalogue"},
    Flag{"gpu", "gpu", "NAME", "GPU of the catalogue, where one node type has it"},
    Flag{"gpus", "gpus", "N", "number of GPUs, in all (default 8)"},
    Flag{"dtype", "dtypes", "LIST", "number formats to try, e.g. bf16,fp8 (default bf16)", true},
    Flag{"kv-cache-dtype", "kv_cache_dtype", "NAME", "auto, bf16 or fp8"},
    Flag{"engine", "engines", "LIST", "engines to try, e.g. vllm-0.19,sglang-0.5", true},
    Flag{"isl", "isl", "TOKENS", "mean length of prompts"},
    Flag{"osl", "osl", "TOKENS", "mean length of answers"},
    Flag{"lengths", "lengths", "TABLE", "in place of both: a table of lengths"},
    Flag{"ttft-slo", "ttft_slo", "TIME", "bound on the mean time to the first token, e.g. 500ms"},
    Flag{"tpot-slo", "tpot_slo", "TIME", "bound on the mean time per further token, e.g. 25ms"},
    Flag{"rate", "rate", "RATE", "requests that all replicas together serve, e.g. 20/s"},
    Flag{"max-concurrency", "max_concurrency", "N",
         "most requests in flight per replica (default 1024)"},
    Flag{"prices", "prices", "NAME", "price list of the catalogue"},
};

Options declare() {
  Options options(
      "plan --search parallelism [QUERY options]",
      "Tries tensor, pipeline, data and expert parallelism, number formats, engines and "
      "concurrency\non so many GPUs. Keeps what holds both bounds under a constant load, "
      "and ranks it by output\ntokens per second and GPU. The query is a YAML file "
      "(--from) or flags; flags come last.");
  options.add()("search", po::value<std::string>()->value_name("KIND"),
                "what to search; there is: parallelism");
  options.add()("from", po::value<std::string>()->value_name("FILE"), "query as a YAML file");
  for (const Flag& flag : kFlags)
    options.add()(flag.name, po::value<std::string>()->value_name(flag.shown), flag.doc);
  options.add()("top", po::value<std::size_t>()->value_name("N"),
                "rows of the ranking to print (default 15)");
  options.add()("json", "print all choices as one JSON object");
  options.add()("threads", po::value<std::size_t>()->value_name("N"),
                "threads to use (default: one per core); the result does not depend on it");
  options.add()("catalog", po::value<Words>()->value_name("DIR")->composing(),
                "search this catalogue first; may be repeated");
  return options;
}

ConfigNode query_tree(const Options& options) {
  ConfigNode root =
      options.given("from") ? load_yaml(options.get("from")) : ConfigNode::map({"plan"});
  for (const Flag& flag : kFlags) {
    if (!options.given(flag.name)) continue;
    const std::string& value = options.get(flag.name);
    set_path(root, flag.field, flag.list ? "[" + value + "]" : value,
             fmt::format("--{} {}", flag.name, value));
  }
  return root;
}

/// How far off a number may be: "+-5%", or "+-?" where the model states no error.
std::string error_text(const ServingChoice& choice) {
  return choice.error > 0 ? fmt::format("+-{:.0f}%", choice.error * 100) : "+-?";
}

std::string configuration(const ServingChoice& choice) {
  const Parallelism& cut = choice.parallelism;
  return fmt::format("{} {} {} {} {} {}", choice.engine, choice.dtype, cut.tensor, cut.pipeline,
                     cut.data, cut.expert);
}

void print_header() {
  std::cout << fmt::format(
      "  {:<16}{:<10}{:>3}{:>3}{:>3}{:>4}{:>9}{:>7}{:>16}{:>14}{:>9}{:>14}{:>9}  {}\n", "engine",
      "dtype", "TP", "PP", "DP", "EP", "replicas", "conc.", "TTFT, ms", "TPOT, ms", "tok/s/u",
      "tok/s/GPU", "$/Mtok", "model");
}

void print_choice(const ServingChoice& choice) {
  const Parallelism& cut = choice.parallelism;
  const std::string error = error_text(choice);
  const std::string cost = std::isnan(choice.usd_per_million_tokens)
                               ? "-"
                               : fmt::format("{:.3f}", choice.usd_per_million_tokens);
  std::cout << fmt::format(
      "{} {:<16}{:<10}{:>3}{:>3}{:>3}{:>4}{:>9}{:>7}{:>10.0f} {:<5}{:>8.2f} {:<5}{:>9.1f}{:>8.0f} "
      "{:<5}{:>9}  {}{}\n",
      choice.pareto ? '*' : ' ', choice.engine, choice.dtype, cut.tensor, cut.pipeline, cut.data,
      cut.expert, choice.replicas, choice.concurrency, choice.ttft_s * 1e3, error,
      choice.tpot_s * 1e3, error, choice.tokens_per_s_per_user, choice.tokens_per_s_per_gpu, error,
      cost, choice.level, choice.extrapolations.empty() ? "" : ", extrapolating");
}

void print_rejected(const ParallelismResult& result) {
  std::cout << fmt::format("\n{} of {} configurations hold the bounds. The others:\n",
                           result.choices.size(), result.configurations);
  for (const auto& [reason, rejected] : result.rejected)
    std::cout << fmt::format("  {:>7}  {:<24} e.g. {}\n", rejected.count, reason,
                             rejected.example.substr(0, 160));
}

void print_tables(const ParallelismQuery& query, const ParallelismResult& result, std::size_t top) {
  std::cout << fmt::format("{} on {} {}: mean TTFT up to {:.0f} ms, mean TPOT up to {:.1f} ms\n",
                           query.spec.model, query.gpus, query.spec.gpu, query.ttft_slo_s * 1e3,
                           query.tpot_slo_s * 1e3);
  if (!result.choices.empty()) {
    std::cout << "\nMost output tokens per second and GPU, best load of each configuration\n";
    print_header();
    std::set<std::string> shown;
    for (const ServingChoice& choice : result.choices) {
      if (shown.size() == top) break;
      if (shown.insert(configuration(choice)).second) print_choice(choice);
    }
    std::cout << "\nPareto front: nobody is better per user and per GPU (*)\n";
    print_header();
    for (const ServingChoice& choice : result.choices)
      if (choice.pareto) print_choice(choice);
    std::cout << "conc.: requests in flight per replica. tok/s/u: output tokens per second of one "
                 "user, 1 / TPOT.\n+-: the step-time model's stated median error, ?: it "
                 "states none.\n";
  }
  print_rejected(result);
}

json choice_json(const ServingChoice& choice) {
  const Parallelism& cut = choice.parallelism;
  json node = {{"engine", choice.engine},
               {"dtype", choice.dtype},
               {"tensor_parallel", cut.tensor},
               {"pipeline_parallel", cut.pipeline},
               {"data_parallel", cut.data},
               {"expert_parallel", cut.expert},
               {"replicas", choice.replicas},
               {"concurrency", choice.concurrency},
               {"max_num_seqs", choice.max_num_seqs},
               {"ttft_s", choice.ttft_s},
               {"tpot_s", choice.tpot_s},
               {"requests_per_s", choice.requests_per_s},
               {"output_tokens_per_s", choice.output_tokens_per_s},
               {"output_tokens_per_s_per_gpu", choice.tokens_per_s_per_gpu},
               {"output_tokens_per_s_per_user", choice.tokens_per_s_per_user},
               {"level", choice.level},
               {"extrapolations", choice.extrapolations},
               {"pareto", choice.pareto}};
  node["usd_per_million_output_tokens"] = std::isnan(choice.usd_per_million_tokens)
                                              ? json(nullptr)
                                              : json(choice.usd_per_million_tokens);
  node["model_error"] = choice.error > 0 ? json(choice.error) : json(nullptr);
  return node;
}

void print_json(const ParallelismQuery& query, const ParallelismResult& result) {
  json out = {{"model", query.spec.model},
              {"gpu", query.spec.gpu},
              {"gpus", query.gpus},
              {"ttft_slo_s", query.ttft_slo_s},
              {"tpot_slo_s", query.tpot_slo_s},
              {"configurations", result.configurations},
              {"choices", json::array()},
              {"rejected", json::object()}};
  for (const ServingChoice& choice : result.choices) out["choices"].push_back(choice_json(choice));
  for (const auto& [reason, rejected] : result.rejected)
    out["rejected"][reason] = {{"count", rejected.count}, {"example", rejected.example}};
  std::cout << out.dump(1) << '\n';
}

}  // namespace

int plan_command(const Call& call) {
  Options options = declare();
  if (!options.parse(call.words)) return 0;
  if (!options.given("search") || options.get("search") != "parallelism")
    throw ConfigError(Position{}, "plan needs --search parallelism; there is no other search yet.");
  std::vector<fs::path> given;
  for (const std::string& folder : options.get_or<Words>("catalog", {})) given.emplace_back(folder);
  const std::vector<fs::path> roots = catalog_roots(given, ".");
  HardwareCatalog hardware(roots);
  WorkloadCatalog workloads(roots);
  const ConfigNode root = query_tree(options);
  ParallelismQuery query = read_parallelism_query(root, hardware, workloads);
  query.threads =
      options.get_or<std::size_t>("threads", std::max(1u, std::thread::hardware_concurrency()));
  const ConfigNode nothing = ConfigNode::map({"candidate"});
  const ParallelismResult result = search_parallelism(query, [&](const ServingSpec& spec) {
    return deploy_serving(hardware, workloads, spec, {nothing, ""});
  });
  if (options.given("json")) {
    print_json(query, result);
  } else {
    print_tables(query, result, options.get_or<std::size_t>("top", 15));
  }
  return 0;
}

}  // namespace plimsoll::cli
