// From the tallies of pools to the named numbers of the summary, in the order in which they are shown.
#include "results/summary.hpp"

#include <algorithm>
#include <functional>
#include <span>

#include "core/assert.hpp"
#include "results/job_section.hpp"
#include "results/metric_list.hpp"
#include "results/pool_tally.hpp"
#include "results/quantiles.hpp"

namespace plimsoll {
namespace {

using Tallies = std::span<const PoolTally>;

constexpr const char* kNoPools = "no pools";

/// What is paid for and powered: a pool's GPUs, or all of the cluster.
struct Provision {
  std::uint64_t gpus = 0;
  double price_usd_per_hour = 0;
  std::optional<double> energy_j;
  const char* no_energy = "no power model";  ///< why there is none
};

template <class Projection>
double sum(Tallies tallies, Projection projection) {
  double total = 0;
  for (const PoolTally& tally : tallies) {
    total += static_cast<double>(std::invoke(projection, tally));
  }
  return total;
}

void add_requests(Tallies tallies, Metrics& metrics) {
  const double arrived = sum(tallies, &PoolTally::arrived);
  const double completed = sum(tallies, &PoolTally::completed);
  const double rejected = sum(tallies, &PoolTally::rejected);
  add(metrics, "requests_arrived", arrived);
  add(metrics, "requests_completed", completed);
  add(metrics, "requests_rejected", rejected);
  add(metrics, "requests_unfinished", arrived - completed - rejected);
}

Metrics latencies(Tallies tallies) {
  Metrics metrics;
  const auto add_of = [&](const char* name, auto list) {
    Distribution values;
    for (const PoolTally& tally : tallies) values.add(std::span(tally.*list));
    add_quantiles(metrics, name, values, 1e9);
  };
  add_of("ttft", &PoolTally::ttft_ns);
  Distribution gaps;
  for (const PoolTally& tally : tallies) gaps.add(std::span(tally.pool->itl_runs));
  add_quantiles(metrics, "itl", gaps, kItlTicksPerSecond);
  add_of("tpot", &PoolTally::tpot_ns);
  add_of("e2e", &PoolTally::e2e_ns);
  return metrics;
}

/// Of the pools whose prompts may be found: how much of them was.
void add_prefix_hits(Tallies tallies, Metrics& metrics) {
  double prompt_tokens = 0;
  for (const PoolTally& tally : tallies) {
    if (tally.pool->prefix_block_tokens > 0)
      prompt_tokens += static_cast<double>(tally.prompt_tokens);
  }
  add_ratio(metrics, "prefix_hit_share", sum(tallies, &PoolTally::cached_tokens), prompt_tokens,
            "no prompt has a prefix that could be found");
}

/// KV caches that moved from prefill to decode replicas.
Metrics transfers(Tallies tallies) {
  Metrics metrics;
  const bool any = std::any_of(tallies.begin(), tallies.end(), [](const PoolTally& tally) {
    return tally.pool->prefill.replicas > 0;
  });
  const auto add_of = [&](const std::string& name, auto list) {
    Distribution values;
    double total_s = 0;
    for (const PoolTally& tally : tallies) {
      values.add(std::span(tally.*list));
      for (const std::int64_t ns : tally.*list) total_s += static_cast<double>(ns) * 1e-9;
    }
    add_ratio(metrics, name + "_mean_s", total_s, static_cast<double>(values.size()),
              any ? "no transfer has ended" : "no prefill replicas");
    add_quantiles(metrics, name, values, 1e9);
  };
  add_of("kv_transfer", &PoolTally::kv_transfer_ns);
  add_of("kv_transfer_wait", &PoolTally::kv_transfer_wait_ns);
  if (!any) {
    for (Metric& metric : metrics) metric.absent = "no prefill replicas";
  }
  return metrics;
}

/// An objective is a number of the section when its pools agree on it.
void add_objective(Tallies tallies, std::string key, std::int64_t PoolFacts::* objective,
                   Metrics& metrics) {
  const std::int64_t first = tallies.empty() ? 0 : tallies.front().pool->*objective;
  for (const PoolTally& tally : tallies) {
    if (tally.pool->*objective != first) return add_absent(metrics, std::move(key), "pools differ");
  }
  if (first == 0) return add_absent(metrics, std::move(key), "no such objective");
  add(metrics, std::move(key), static_cast<double>(first) * 1e-9);
}

void add_objectives(Tallies tallies, double end_s, Metrics& metrics) {
  add_objective(tallies, "slo_ttft_s", &PoolFacts::slo_ttft_ns, metrics);
  add_objective(tallies, "slo_tpot_s", &PoolFacts::slo_tpot_ns, metrics);
  const auto has = [&](auto objective) {
    return std::any_of(tallies.begin(), tallies.end(),
                       [&](const PoolTally& tally) { return tally.pool->*objective != 0; });
  };
  const bool ttft = has(&PoolFacts::slo_ttft_ns);
  const bool tpot = has(&PoolFacts::slo_tpot_ns);
  const double arrived = sum(tallies, &PoolTally::arrived);
  const auto add_share = [&](const char* key, bool wanted, auto met) {
    if (!wanted) return add_absent(metrics, key, "no such objective");
    add_ratio(metrics, key, sum(tallies, met), arrived, "no requests");
  };
  add_share("slo_ttft_attainment_share", ttft, &PoolTally::met_ttft);
  add_share("slo_tpot_attainment_share", tpot, &PoolTally::met_tpot);
  add_share("slo_attainment_share", ttft || tpot, &PoolTally::met_all);
  if (!ttft && !tpot) return add_absent(metrics, "goodput_requests_per_s", "no objective");
  add_ratio(metrics, "goodput_requests_per_s", sum(tallies, &PoolTally::met_all), end_s,
            kNoTimePassed);
}

void add_load(Tallies tallies, double end_s, Metrics& metrics) {
  add_ratio(metrics, "requests_per_s", sum(tallies, &PoolTally::completed), end_s, kNoTimePassed);
  add_ratio(metrics, "prompt_tokens_per_s", sum(tallies, &PoolTally::prompt_tokens), end_s,
            kNoTimePassed);
  add_ratio(metrics, "output_tokens_per_s", sum(tallies, &PoolTally::output_tokens), end_s,
            kNoTimePassed);
  add(metrics, "preemptions", sum(tallies, &PoolTally::preemptions));
  add_prefix_hits(tallies, metrics);
}

double batch_ns(const PoolTally& tally) {
  double total = 0;
  for (std::size_t n = 0; n < tally.busy_ns.size(); ++n) {
    total += static_cast<double>(n) * static_cast<double>(tally.busy_ns[n]);
  }
  return total;
}

void add_use(Tallies tallies, const Provision& provision, double end_s, Metrics& metrics) {
  if (tallies.size() == 1) {
    add(metrics, "kv_use_mean_share", tallies.front().kv_use_mean);
  } else {
    add_absent(metrics, "kv_use_mean_share",
               tallies.empty() ? kNoPools : "KV blocks of different pools do not add up");
  }
  double peak = 0;
  for (const PoolTally& tally : tallies) peak = std::max(peak, tally.kv_use_peak);
  add(metrics, "kv_use_peak_share", peak);
  const double pool_gpus = sum(tallies, &PoolTally::gpus);
  const auto all_gpus = static_cast<double>(provision.gpus);
  const double busy_s = sum(tallies, &PoolTally::gpu_busy_s);
  add(metrics, "pool_gpus", pool_gpus);
  add(metrics, "provisioned_gpus", all_gpus);
  add_ratio(metrics, "gpu_utilization_share", busy_s, pool_gpus * end_s, kNoTimePassed);
  add_ratio(metrics, "provisioned_gpu_utilization_share", busy_s, all_gpus * end_s, kNoTimePassed);
  add_ratio(metrics, "batch_mean_requests", sum(tallies, batch_ns),
            sum(tallies, &PoolTally::busy_total_ns), "no iteration ran");
}

void add_cost(Tallies tallies, const Provision& provision, double end_s, Metrics& metrics) {
  constexpr double kMillion = 1e6;
  constexpr double kJoulesPerKwh = 3.6e6;
  const double output = sum(tallies, &PoolTally::output_tokens) / kMillion;
  const double all = output + sum(tallies, &PoolTally::prompt_tokens) / kMillion;
  const double cost_usd = provision.price_usd_per_hour * end_s / 3600;
  add(metrics, "cost_usd", cost_usd);
  add_ratio(metrics, "cost_usd_per_million_output_tokens", cost_usd, output, "no tokens");
  add_ratio(metrics, "cost_usd_per_million_total_tokens", cost_usd, all, "no tokens");
  if (!provision.energy_j) {
    add_absent(metrics, "energy_kwh", provision.no_energy);
    return add_absent(metrics, "energy_kwh_per_million_output_tokens", provision.no_energy);
  }
  const double energy_kwh = *provision.energy_j / kJoulesPerKwh;
  add(metrics, "energy_kwh", energy_kwh);
  add_ratio(metrics, "energy_kwh_per_million_output_tokens", energy_kwh, output, "no tokens");
}

/// The largest of an error that the pools' step-time models state.
void add_largest_error(Tallies tallies, Metrics& metrics, const std::string& key,
                       double PoolFacts::* error) {
  if (tallies.empty()) return add_absent(metrics, key, kNoPools);
  double largest = 0;
  for (const PoolTally& tally : tallies) {
    if (tally.pool->*error <= 0)
      return add_absent(metrics, key, "not stated by the step-time model");
    largest = std::max(largest, tally.pool->*error);
  }
  add(metrics, key, largest);
}

void add_model_error(Tallies tallies, Metrics& metrics) {
  add_largest_error(tallies, metrics, "step_time_error_share", &PoolFacts::step_time_error);
  add_largest_error(tallies, metrics, "step_time_error_p90_share", &PoolFacts::step_time_error_p90);
}

SummarySection section(std::string scope, Tallies tallies, const Metrics& latency_metrics,
                       const Provision& provision, double end_s) {
  SummarySection result;
  result.scope = std::move(scope);
  add(result.metrics, "simulated_s", end_s);
  add_requests(tallies, result.metrics);
  result.metrics.insert(result.metrics.end(), latency_metrics.begin(), latency_metrics.end());
  const Metrics moved = transfers(tallies);
  result.metrics.insert(result.metrics.end(), moved.begin(), moved.end());
  add_objectives(tallies, end_s, result.metrics);
  add_load(tallies, end_s, result.metrics);
  add_use(tallies, provision, end_s, result.metrics);
  add_cost(tallies, provision, end_s, result.metrics);
  add_model_error(tallies, result.metrics);
  return result;
}

/// The GPUs of no pool at idle; where jobs run on them, nobody knows.
Provision cluster_of(const RunFacts& facts, double end_s) {
  Provision cluster{facts.cluster_gpus, facts.cluster_price_usd_per_hour,
                    facts.unused_idle_power_w * end_s};
  if (!facts.jobs) return cluster;
  cluster.energy_j.reset();
  cluster.no_energy = "the energy of jobs is not modelled";
  return cluster;
}

}  // namespace

const Metric& SummarySection::at(std::string_view key) const {
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const Metric& metric) { return metric.key == key; });
  PLIMSOLL_ASSERT(found != metrics.end(), "key = {}", key);
  return *found;
}

Summary summarize(const RunFacts& facts) {
  const double end_s = static_cast<double>(facts.end_ns) * 1e-9;
  Summary summary;
  std::vector<PoolTally> tallies;
  std::vector<Metrics> pool_latencies;
  Provision cluster = cluster_of(facts, end_s);
  for (const PoolFacts& pool : facts.pools) tallies.push_back(tally(pool, facts.end_ns));
  for (const PoolTally& each : tallies) {
    const Provision own{each.gpus, each.pool->price_usd_per_hour(), each.energy_j};
    if (!own.energy_j) cluster.energy_j.reset();
    if (cluster.energy_j) *cluster.energy_j += *own.energy_j;
    pool_latencies.push_back(latencies({&each, 1}));
    summary.pools.push_back(
        section(each.pool->name, {&each, 1}, pool_latencies.back(), own, end_s));
  }
  if (facts.jobs) summary.jobs = job_section(facts);
  const Metrics of_all = tallies.size() == 1 ? pool_latencies.front() : latencies(tallies);
  summary.total = section("total", tallies, of_all, cluster, end_s);
  return summary;
}

}  // namespace plimsoll
