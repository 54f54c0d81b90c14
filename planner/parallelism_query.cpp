#include "planner/parallelism_query.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "core/random_stream.hpp"
#include "hardware/catalog_paths.hpp"
#include "traces/length_tables.hpp"
#include "traces/synthetic.hpp"

namespace plimsoll {
namespace {

constexpr std::size_t kLengths = 512;  ///< different requests, before they repeat

/// Runs a lookup; its faults join the others.
template <class Lookup>
void try_lookup(std::vector<Fault>& faults, const Lookup& lookup) {
  try {
    lookup();
  } catch (const ConfigError& error) {
    faults.insert(faults.end(), error.faults().begin(), error.faults().end());
  }
}

/// Lengths spread evenly within 10 % of the mean, in a mixed order: equal ones would march in step.
std::vector<std::int32_t> around(std::int32_t mean, const char* purpose) {
  const RandomStream draw(0, "planner/parallelism", purpose);
  std::vector<std::pair<std::uint64_t, std::int32_t>> keyed;
  for (std::size_t i = 0; i < kLengths; ++i) {
    const double share = (static_cast<double>(i) + 0.5) / kLengths;  // in (0, 1), mean 1/2
    const double length = mean * (0.9 + 0.2 * share);
    keyed.emplace_back(draw.bits(i), std::max(1, static_cast<std::int32_t>(length + 0.5)));
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<std::int32_t> lengths;
  for (const auto& [key, length] : keyed) lengths.push_back(length);
  return lengths;
}

std::vector<TrialRequest> drawn_from(const std::string& table, const Position& at) {
  const std::string file =
      names_file(table) ? table : shipped_length_tables().find(table, at).root.at.source;
  SyntheticArrivals law;
  law.requests = kLengths;
  SyntheticStream stream(law, std::make_shared<const LengthTables>(read_lengths(file)), 0,
                         "planner/parallelism");
  std::vector<TrialRequest> requests;
  std::vector<Arrival> block;
  for (stream.next(block); !block.empty(); stream.next(block))
    for (const Arrival& arrival : block)
      requests.push_back({arrival.prompt_tokens, arrival.output_tokens, {}});
  return requests;
}

std::vector<TrialRequest> requests_of(const ParallelismConfig& config, const ConfigNode& root) {
  const Position at = position_of(root, "lengths");
  if (config.lengths && (config.isl || config.osl))
    throw ConfigError(at, "lengths stands in place of isl and osl; give one or the others.");
  if (config.lengths) return drawn_from(*config.lengths, at);
  if (!config.isl || !config.osl)
    throw ConfigError(position_of(root, ""),
                      "isl and osl are missing (mean lengths of prompts and answers), or lengths.");
  const std::vector<std::int32_t> prompts = around(*config.isl, "prompts");
  const std::vector<std::int32_t> outputs = around(*config.osl, "outputs");
  std::vector<TrialRequest> requests;
  for (std::size_t i = 0; i < kLengths; ++i) requests.push_back({prompts[i], outputs[i], {}});
  return requests;
}

/// The node type, or the only one that has the GPU.
NodeSpec node_of(const ParallelismConfig& config, const ConfigNode& root,
                 HardwareCatalog& hardware) {
  if (config.node) {
    NodeSpec node = hardware.node(*config.node, position_of(root, "node"));
    if (node.gpu.empty())
      throw ConfigError(position_of(root, "node"), fmt::format("node = {} has no GPU.", node.name));
    if (config.gpu && hardware.gpu(*config.gpu, position_of(root, "gpu")).name !=
                          hardware.gpu(node.gpu, position_of(root, "node")).name)
      throw ConfigError(position_of(root, "gpu"),
                        fmt::format("gpu = {}: {} has {}.", *config.gpu, node.name, node.gpu));
    return node;
  }
  const Position at = position_of(root, "gpu");
  if (!config.gpu) throw ConfigError(at, "node or gpu is missing: what the GPUs are.");
  const std::string gpu = hardware.gpu(*config.gpu, at).name;
  std::vector<NodeSpec> with;
  for (const std::string& name : hardware.nodes().names()) {
    NodeSpec node = hardware.node(name, at);
    if (!node.gpu.empty() && hardware.gpu(node.gpu, at).name == gpu)
      with.push_back(std::move(node));
  }
  if (with.size() == 1) return with.front();
  std::vector<std::string> names;
  for (const NodeSpec& node : with) names.push_back(node.name);
  throw ConfigError(at, names.empty()
                            ? fmt::format("gpu = {}: no node type of the catalogue has it.", gpu)
                            : fmt::format("gpu = {}: say which node it is in, as node. Known: {}.",
                                          gpu, fmt::join(names, ", ")));
}

void look_up_engines(const ParallelismConfig& config, const ConfigNode& root,
                     WorkloadCatalog& workloads, std::vector<Fault>& faults,
                     ParallelismQuery& query) {
  for (std::size_t i = 0; i < config.engines.size(); ++i) {
    try_lookup(faults, [&] {
      const EngineProfile& engine =
          workloads.engine(config.engines[i], position_of(root, fmt::format("engines[{}]", i)));
      // Each sequence of a step needs a token of its budget.
      query.most_concurrency = std::min(query.most_concurrency, engine.max_num_batched_tokens);
      query.engines.push_back(engine.name);
    });
  }
  for (std::size_t i = 0; i < config.dtypes.size(); ++i) {
    if (parse_precision(config.dtypes[i])) {
      query.dtypes.push_back(config.dtypes[i]);
    } else {
      faults.push_back({position_of(root, fmt::format("dtypes[{}]", i)),
                        fmt::format("dtypes = {} is unknown. Known: bf16, fp8, fp8_block, nvfp4, "
                                    "mxfp4, int4.",
                                    config.dtypes[i])});
    }
  }
  if (config.engines.empty() || config.dtypes.empty())
    faults.push_back({position_of(root, ""), "engines and dtypes name at least one each."});
}

}  // namespace

ParallelismQuery read_parallelism_query(const ConfigNode& root, HardwareCatalog& hardware,
                                        WorkloadCatalog& workloads) {
  std::vector<Fault> faults;
  const auto config = read_config<ParallelismConfig>(root, faults);
  if (!faults.empty()) throw ConfigError(std::move(faults));
  ParallelismQuery query;
  query.gpus = config.gpus;
  query.ttft_slo_s = to_seconds(config.ttft_slo);
  query.tpot_slo_s = to_seconds(config.tpot_slo);
  if (config.rate) query.rate_per_s = config.rate->count();
  query.most_concurrency = config.max_concurrency;
  query.spec.kv_cache_dtype = config.kv_cache_dtype;
  query.spec.gpu_memory_utilization = config.gpu_memory_utilization;
  try_lookup(faults, [&] {
    const ModelSpec& model = workloads.model(config.model, position_of(root, "model"));
    query.spec.model = model.name;
    query.mixture = model.mixture.has_value();
  });
  try_lookup(faults, [&] {
    const NodeSpec node = node_of(config, root, hardware);
    query.spec.gpu = hardware.gpu(node.gpu, position_of(root, "node")).name;
    query.island = node.nvlink_island.value;
  });
  try_lookup(faults, [&] {
    const PriceList prices = hardware.prices(config.prices, position_of(root, "prices"));
    const auto price = prices.gpus.find(query.spec.gpu);
    if (price != prices.gpus.end()) query.price_per_gpu = price->second.value;
  });
  try_lookup(faults, [&] { query.requests = requests_of(config, root); });
  look_up_engines(config, root, workloads, faults, query);
  if (!faults.empty()) throw ConfigError(std::move(faults));
  std::int32_t longest = 0;
  for (const TrialRequest& request : query.requests)
    longest = std::max(longest, request.prompt_tokens + request.output_tokens);
  query.spec.max_model_len = longest;
  query.spec.max_num_seqs = query.most_concurrency;
  return query;
}

}  // namespace plimsoll
