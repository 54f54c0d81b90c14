// Thinning keeps what charts are read for: the tail of a distribution, and the sums (not single values) over time.
#include "report/curves.hpp"

#include <algorithm>
#include <span>

#include "results/quantiles.hpp"

namespace plimsoll::report {
namespace {

std::vector<double> curve(const Distribution& values, double units_per_second) {
  std::vector<double> result;
  if (values.size() == 0) return result;
  for (const double share : cdf_shares()) {
    const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(values.size() - 1));
    result.push_back(static_cast<double>(values.near_rank(rank)) / units_per_second);
  }
  return result;
}

std::vector<double> curve(const std::vector<std::int64_t>& values_ns) {
  Distribution values;
  values.add(std::span(values_ns));
  return curve(values, 1e9);
}

template <class Count>
double mean(std::span<const PoolSample> samples, Count PoolSample::* count) {
  double sum = 0;
  for (const PoolSample& sample : samples) sum += static_cast<double>(sample.*count);
  return sum / static_cast<double>(samples.size());
}

void add_row(const PoolFacts& pool, const PoolSample& before, std::span<const PoolSample> samples,
             TimeLine& line) {
  const PoolSample& last = samples.back();
  const double seconds = static_cast<double>(last.time_ns - before.time_ns) * 1e-9;
  if (seconds <= 0) return;
  const auto per_second = [&](auto now, auto then) {
    return static_cast<double>(now - then) / seconds;
  };
  const auto blocks = static_cast<double>(pool.kv_blocks());
  const double busy = per_second(last.busy_ns, before.busy_ns) * 1e-9;
  line.time_s.push_back(static_cast<double>(last.time_ns) * 1e-9);
  line.arrived_per_s.push_back(per_second(last.arrived, before.arrived));
  line.completed_per_s.push_back(per_second(last.completed, before.completed));
  line.queued.push_back(mean(samples, &PoolSample::queued));
  line.running.push_back(mean(samples, &PoolSample::running));
  line.transferring.push_back(mean(samples, &PoolSample::transferring));
  line.utilization_share.push_back(pool.all_replicas() > 0 ? busy / pool.all_replicas() : 0);
  line.kv_use_share.push_back(blocks > 0 ? mean(samples, &PoolSample::kv_used_blocks) / blocks : 0);
}

}  // namespace

std::vector<double> cdf_shares() {
  std::vector<double> shares;
  for (int i = 0; i < 198; ++i) shares.push_back(i / 200.0);
  for (int i = 990; i <= 1000; ++i) shares.push_back(i / 1000.0);
  return shares;
}

LatencyCurves latency_curves(const PoolTally& tally) {
  Distribution gaps;
  gaps.add(std::span(tally.pool->itl_runs));
  return {curve(tally.ttft_ns), curve(gaps, kItlTicksPerSecond), curve(tally.tpot_ns),
          curve(tally.e2e_ns)};
}

TimeLine time_line(const PoolFacts& pool, std::size_t max_rows) {
  TimeLine line;
  const std::span samples(pool.samples);
  const std::size_t stride = (samples.size() + max_rows - 1) / max_rows;
  PoolSample before;
  for (std::size_t i = 0; i < samples.size(); i += stride) {
    const auto row = samples.subspan(i, std::min(stride, samples.size() - i));
    add_row(pool, before, row, line);
    before = row.back();
  }
  return line;
}

}  // namespace plimsoll::report
