// The question of a search over cuts, as its author writes it: a YAML file, or flags of the same names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/fields.hpp"
#include "core/quantity.hpp"
#include "planner/parallelism_search.hpp"

namespace plimsoll {

struct ParallelismConfig {
  std::string model;
  std::optional<std::string> node;
  std::optional<std::string> gpu;
  std::int32_t gpus = 8;
  std::vector<std::string> dtypes{"bf16"};
  std::vector<std::string> engines{"vllm-0.19"};
  std::string kv_cache_dtype = "auto";
  std::optional<std::int32_t> isl;
  std::optional<std::int32_t> osl;
  std::optional<std::string> lengths;
  Duration ttft_slo{};
  Duration tpot_slo{};
  std::optional<PerSecond> rate;
  std::int32_t max_concurrency = 1024;
  double gpu_memory_utilization = 0.9;
  std::string prices = "market_2025_11";

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("model", &ParallelismConfig::model, "Model, a name of the catalogue.", required);
    visit("node", &ParallelismConfig::node, "Node type, a name of the catalogue.");
    visit("gpu", &ParallelismConfig::gpu,
          "GPU, a name of the catalogue: enough where one node type has it.");
    visit("gpus", &ParallelismConfig::gpus, "Number of GPUs, in all.", 1, 65'536);
    visit("dtypes", &ParallelismConfig::dtypes, "Number formats to try.");
    visit("engines", &ParallelismConfig::engines,
          "Serving engines to try, names of the catalogue.");
    visit("kv_cache_dtype", &ParallelismConfig::kv_cache_dtype,
          "Number format of the KV cache: auto, bf16 or fp8.");
    visit("isl", &ParallelismConfig::isl, "Mean length of prompts; each is within 10 % of it.", 1,
          10'000'000);
    visit("osl", &ParallelismConfig::osl, "Mean length of answers; each is within 10 % of it.", 1,
          10'000'000);
    visit("lengths", &ParallelismConfig::lengths,
          "In place of isl and osl: a table of lengths, a shipped name or a file.");
    visit("ttft_slo", &ParallelismConfig::ttft_slo, "Bound on the mean time to the first token.",
          required, above(Duration{0}));
    visit("tpot_slo", &ParallelismConfig::tpot_slo, "Bound on the mean time per further token.",
          required, above(Duration{0}));
    visit("rate", &ParallelismConfig::rate, "Requests that all replicas together have to serve.",
          PerSecond{1e-6}, PerSecond{1e8});
    visit("max_concurrency", &ParallelismConfig::max_concurrency,
          "Most requests in flight per replica that are tried.", 1, 8192);
    visit("gpu_memory_utilization", &ParallelismConfig::gpu_memory_utilization,
          "Share of a GPU's memory that the engine uses.", 0.01, 1.0);
    visit("prices", &ParallelismConfig::prices, "Price list, a name of the catalogue.");
  }
};

/// Looks all names up. Throws ConfigError with all faults: of fields, unknown names, lengths that are not said.
ParallelismQuery read_parallelism_query(const ConfigNode& root, HardwareCatalog& hardware,
                                        WorkloadCatalog& workloads);

}  // namespace plimsoll
