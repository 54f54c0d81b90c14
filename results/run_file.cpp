#include "results/run_file.hpp"

#include <fmt/format.h>

#include <limits>

#include "results/atomic_file.hpp"
#include "results/columns.hpp"
#include "results/hdf5.hpp"
#include "results/job_file.hpp"
#include "results/table_file.hpp"

namespace plimsoll {
namespace {

constexpr const char* kFormat = "plimsoll.run";
constexpr std::uint32_t kFormatVersion = 3;
constexpr const char* kStatusNames = "in_flight queued running completed rejected transferring";
constexpr auto kLastStatus = RequestStatus::transferring;

/// Applies `act(name, field)` to each constant of a pool; the names are the attributes of its
/// group.
template <class Pool, class Act>
void for_each_constant(Pool& pool, Act&& act) {
  act("model", pool.model);
  act("gpu", pool.gpu);
  act("routing", pool.routing);
  act("replicas", pool.replicas);
  act("gpus_per_replica", pool.gpus_per_replica);
  act("kv_blocks_per_replica", pool.kv_blocks_per_replica);
  act("kv_block_tokens", pool.kv_block_tokens);
  act("prefix_block_tokens", pool.prefix_block_tokens);
  act("slo_ttft_ns", pool.slo_ttft_ns);
  act("slo_tpot_ns", pool.slo_tpot_ns);
  act("price_usd_per_gpu_hour", pool.price_usd_per_gpu_hour);
  act("idle_power_w_per_gpu", pool.idle_power_w);
  act("step_time_level", pool.step_time_level);
  act("step_time_error_share", pool.step_time_error);
  act("step_time_error_p90_share", pool.step_time_error_p90);
  act("extrapolations", pool.extrapolations);
  act("prefill_replicas", pool.prefill.replicas);
  act("prefill_gpus_per_replica", pool.prefill.gpus_per_replica);
  act("prefill_kv_blocks_per_replica", pool.prefill.kv_blocks_per_replica);
  act("prefill_gpu", pool.prefill.gpu);
  act("prefill_price_usd_per_gpu_hour", pool.prefill.price_usd_per_gpu_hour);
  act("prefill_idle_power_w_per_gpu", pool.prefill.idle_power_w);
  act("decisions_hash", pool.decisions_hash);
  act("view_changes_hash", pool.view_changes_hash);
}

/// The same for the attributes of the whole run.
template <class Facts, class Act>
void for_each_constant_of_run(Facts& facts, Act&& act) {
  act("version", facts.version);
  act("digest", facts.digest);
  act("seed", facts.seed);
  act("end_ns", facts.end_ns);
  act("horizon_ns", facts.horizon_ns);
  act("cluster_gpus", facts.cluster_gpus);
  act("cluster_price_usd_per_hour", facts.cluster_price_usd_per_hour);
  act("unused_idle_power_w", facts.unused_idle_power_w);
}

// Writing --------------------------------------------------------------------------------

std::vector<BusyPower> power_rows(const std::vector<double>& busy_power_w) {
  std::vector<BusyPower> rows;
  for (const double power_w : busy_power_w) rows.push_back({power_w});
  return rows;
}

void write_pool(hdf5::Writer& file, const PoolFacts& pool) {
  const std::string group = "/pools/" + pool.name;
  file.group(group);
  for_each_constant(
      pool, [&](const char* name, const auto& value) { file.attribute(group, name, value); });
  write_table<RequestFact>(file, group + "/requests", pool.requests, kAllRequestColumns);
  file.attribute(group + "/requests/status", "names", kStatusNames);
  write_table<KvTransferFact>(file, group + "/kv_transfers", pool.kv_transfers, kKvTransferColumns);
  write_table<ItlRun>(file, group + "/itl_runs", pool.itl_runs, kItlRunColumns);
  write_table<PoolSample>(file, group + "/samples", pool.samples, kAllSampleColumns);
  write_table<ReplicaFact>(file, group + "/replicas", pool.replica_facts, kAllReplicaColumns);
  write_table<BusyTime>(file, group + "/replica_busy", busy_times(pool), kBusyColumns);
  write_table<BusyPower>(file, group + "/power", power_rows(pool.busy_power_w), kPowerColumns);
  write_table<BusyPower>(file, group + "/prefill_power", power_rows(pool.prefill.busy_power_w),
                         kPowerColumns);
}

void write_section(hdf5::Writer& file, const std::string& group, const SummarySection& section) {
  file.group(group);
  for (const Metric& metric : section.metrics) {
    const std::string name = fmt::format("{}/{}", group, metric.key);
    file.scalar(name, metric.value.value_or(std::numeric_limits<double>::quiet_NaN()));
    if (!metric.value) file.attribute(name, "absent", metric.absent);
    if (metric.low) file.attribute(name, "low", *metric.low);
    if (metric.high) file.attribute(name, "high", *metric.high);
    if (metric.samples > 0) file.attribute(name, "samples", metric.samples);
  }
}

void write_summary(hdf5::Writer& file, const Summary& summary) {
  file.group("/summary");
  write_section(file, "/summary/total", summary.total);
  file.group("/summary/pools");
  for (const SummarySection& pool : summary.pools)
    write_section(file, "/summary/pools/" + pool.scope, pool);
  if (summary.jobs) write_section(file, "/summary/jobs", *summary.jobs);
}

// Reading --------------------------------------------------------------------------------

template <class Value>
void read_constant(const hdf5::Reader& file, const std::string& object, const char* name,
                   Value& value) {
  if constexpr (std::is_same_v<Value, std::string>)
    value = file.text_attribute(object, name);
  else
    value = file.attribute<Value>(object, name);
}

void read_busy_times(const hdf5::Reader& file, const std::string& group, PoolFacts& pool) {
  for (const BusyTime& row : read_table<BusyTime>(file, group, kBusyColumns)) {
    if (row.replica >= pool.replica_facts.size() ||
        row.sequences != pool.replica_facts[row.replica].busy_ns.size())
      file.refuse(group + " does not fit its replicas");
    pool.replica_facts[row.replica].busy_ns.push_back(row.busy_ns);
  }
}

std::vector<double> read_power(const hdf5::Reader& file, const std::string& group) {
  std::vector<double> busy_power_w;
  for (const BusyPower& row : read_table<BusyPower>(file, group, kPowerColumns))
    busy_power_w.push_back(row.busy_power_w);
  return busy_power_w;
}

PoolFacts read_pool(const hdf5::Reader& file, const std::string& name) {
  const std::string group = "/pools/" + name;
  PoolFacts pool;
  pool.name = name;
  for_each_constant(pool, [&](const char* constant, auto& value) {
    read_constant(file, group, constant, value);
  });
  pool.requests = read_table<RequestFact>(file, group + "/requests", kAllRequestColumns);
  for (const RequestFact& request : pool.requests)
    if (request.status > kLastStatus) file.refuse(group + "/requests/status has an unknown value");
  pool.kv_transfers = read_table<KvTransferFact>(file, group + "/kv_transfers", kKvTransferColumns);
  pool.itl_runs = read_table<ItlRun>(file, group + "/itl_runs", kItlRunColumns);
  pool.samples = read_table<PoolSample>(file, group + "/samples", kAllSampleColumns);
  pool.replica_facts = read_table<ReplicaFact>(file, group + "/replicas", kAllReplicaColumns);
  read_busy_times(file, group + "/replica_busy", pool);
  pool.busy_power_w = read_power(file, group + "/power");
  pool.prefill.busy_power_w = read_power(file, group + "/prefill_power");
  return pool;
}

void require_our_format(const hdf5::Reader& file) {
  if (!file.has_attribute("/", "format") || file.text_attribute("/", "format") != kFormat)
    file.refuse("is not a run of Plimsoll (no attribute format = \"plimsoll.run\")");
  const auto version = file.attribute<std::uint32_t>("/", "format_version");
  if (version != kFormatVersion)
    file.refuse(fmt::format("has version {} of the run format; this Plimsoll reads version {}",
                            version, kFormatVersion));
}

}  // namespace

void write_run(const std::filesystem::path& path, const RunFacts& facts, const Summary* summary,
               RunFileOptions options) {
  PartialFile partial(path);
  hdf5::Writer file(partial, options.compress);
  file.attribute("/", "format", kFormat);
  file.attribute("/", "format_version", kFormatVersion);
  for_each_constant_of_run(
      facts, [&](const char* name, const auto& value) { file.attribute("/", name, value); });
  file.group("/scenario");
  file.text("/scenario/yaml", facts.scenario_yaml);
  file.group("/pools");
  for (const PoolFacts& pool : facts.pools) write_pool(file, pool);
  if (facts.jobs) write_jobs(file, *facts.jobs);
  if (summary != nullptr) write_summary(file, *summary);
  file.close();
  partial.commit();
}

RunFacts read_run(const std::filesystem::path& path) {
  const hdf5::Reader file(path);
  require_our_format(file);
  RunFacts facts;
  for_each_constant_of_run(
      facts, [&](const char* name, auto& value) { read_constant(file, "/", name, value); });
  facts.scenario_yaml = file.text("/scenario/yaml");
  for (const std::string& name : file.children("/pools"))
    facts.pools.push_back(read_pool(file, name));
  if (file.has("/jobs")) facts.jobs = read_jobs(file);
  return facts;
}

}  // namespace plimsoll
