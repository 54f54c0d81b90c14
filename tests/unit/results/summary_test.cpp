// The summary of runs that are small enough to work out by hand.
#include "results/summary.hpp"

#include <algorithm>
#include <cmath>

#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

RequestFact completed(double arrival_s, double first_s, double finish_s, int output_tokens) {
  RequestFact request;
  request.arrival_ns = std::llround(arrival_s * 1e9);
  request.first_token_ns = std::llround(first_s * 1e9);
  request.finish_ns = std::llround(finish_s * 1e9);
  request.prompt_tokens = 100;
  request.output_tokens = output_tokens;
  request.status = RequestStatus::completed;
  return request;
}

/// One pool of two replicas of two GPUs, five requests, 100 s.
PoolFacts small_pool() {
  PoolFacts pool;
  pool.name = "chat";
  pool.replicas = 2;
  pool.gpus_per_replica = 2;
  pool.kv_blocks_per_replica = 100;
  pool.slo_ttft_ns = kSecond;
  pool.slo_tpot_ns = kSecond / 10;
  pool.price_usd_per_gpu_hour = 9;
  pool.idle_power_w = 100;
  pool.busy_power_w = {0, 300, 500};
  pool.requests = {completed(0, 0.5, 1.5, 11),   // 0.5 s, 0.1 s per token: meets both exactly
                   completed(1, 3, 3.5, 11),     // first token late
                   completed(2, 2.5, 5.5, 11),   // slow tokens
                   completed(3, 3.25, 3.25, 1),  // one token: no TPOT
                   RequestFact{}};
  pool.requests.back().status = RequestStatus::rejected;
  PoolSample middle;
  middle.time_ns = 25 * kSecond;
  middle.arrived = 3;
  middle.running = 3;
  middle.kv_used_blocks = 80;
  PoolSample last = middle;
  last.time_ns = 100 * kSecond;
  last.arrived = 5;
  last.completed = 4;
  last.rejected = 1;
  last.running = 0;
  last.output_tokens = 34;
  last.kv_used_blocks = 20;
  pool.samples = {middle, last};
  pool.replica_facts.resize(2);
  pool.replica_facts[0].kv_peak_blocks = 60;
  pool.replica_facts[0].busy_ns = {0, 30 * kSecond, 10 * kSecond};
  pool.replica_facts[1].kv_peak_blocks = 90;
  pool.replica_facts[1].busy_ns = {0, 10 * kSecond};
  pool.itl_runs = {{65536 * (kSecond / 10), 0, 10, 1, 0}};
  return pool;
}

RunFacts small_run() {
  RunFacts facts;
  facts.end_ns = 100 * kSecond;
  facts.cluster_gpus = 8;
  facts.cluster_price_usd_per_hour = 72;
  facts.unused_idle_power_w = 400;
  facts.pools = {small_pool()};
  return facts;
}

double value(const SummarySection& section, const char* key) {
  REQUIRE(section.at(key).value);
  return *section.at(key).value;
}

}  // namespace

TEST_CASE("requests are counted by what became of them", "[results][summary]") {
  RunFacts facts = small_run();
  facts.pools[0].requests.push_back(RequestFact{});
  const Summary summary = summarize(facts);
  CHECK(value(summary.total, "requests_arrived") == 6);
  CHECK(value(summary.total, "requests_completed") == 4);
  CHECK(value(summary.total, "requests_rejected") == 1);
  CHECK(value(summary.total, "requests_unfinished") == 1);
}

TEST_CASE("latency quantiles are over completed requests", "[results][summary]") {
  const Summary summary = summarize(small_run());
  CHECK(value(summary.total, "ttft_p50_s") == Approx(0.5));  // of 0.25, 0.5, 0.5, 2
  CHECK(value(summary.total, "e2e_p50_s") == Approx(2.0));   // of 0.25, 1.5, 2.5, 3.5
  CHECK(value(summary.total, "tpot_p50_s") == Approx(0.1));  // of 0.05, 0.1, 0.3
  CHECK(summary.total.at("tpot_p50_s").samples == 3);
  CHECK(value(summary.total, "itl_p50_s") == Approx(0.1));
}

TEST_CASE("a quantile without enough values says so instead of a number", "[results][summary]") {
  const Summary summary = summarize(small_run());
  const Metric& p99 = summary.total.at("ttft_p99_s");
  CHECK_FALSE(p99.value);
  CHECK(p99.absent == "not enough data: 4 values, 100 needed");
  RunFacts facts = small_run();
  facts.pools[0].requests.assign(100, completed(0, 0.5, 1.5, 11));
  CHECK(value(summarize(facts).total, "ttft_p99_s") == Approx(0.5));
}

TEST_CASE("goodput counts requests that met every objective", "[results][summary]") {
  const Summary summary = summarize(small_run());
  CHECK(value(summary.total, "slo_ttft_attainment_share") == Approx(3.0 / 5));
  CHECK(value(summary.total, "slo_tpot_attainment_share") == Approx(3.0 / 5));
  CHECK(value(summary.total, "slo_attainment_share") == Approx(2.0 / 5));
  CHECK(value(summary.total, "goodput_requests_per_s") == Approx(0.02));
  RunFacts facts = small_run();
  facts.pools[0].slo_ttft_ns = facts.pools[0].slo_tpot_ns = 0;
  CHECK(summarize(facts).total.at("goodput_requests_per_s").absent == "no objective");
}

TEST_CASE("use is averaged over time", "[results][summary]") {
  const Summary summary = summarize(small_run());
  CHECK(value(summary.total, "kv_use_mean_share") == Approx((80 * 25 + 20 * 75) / 100.0 / 200));
  CHECK(value(summary.total, "kv_use_peak_share") == Approx(0.9));
  CHECK(value(summary.total, "gpu_utilization_share") == Approx(50.0 / 200));
  CHECK(value(summary.total, "provisioned_gpu_utilization_share") == Approx(100.0 / 800));
  CHECK(value(summary.pools[0], "provisioned_gpu_utilization_share") == Approx(50.0 / 200));
  CHECK(value(summary.total, "batch_mean_requests") == Approx((40 * 1 + 10 * 2) / 50.0));
}

TEST_CASE("money and energy are paid for idle and unused GPUs too", "[results][summary]") {
  const Summary summary = summarize(small_run());
  CHECK(value(summary.total, "cost_usd") == Approx(2.0));
  CHECK(value(summary.pools[0], "cost_usd") == Approx(1.0));
  CHECK(value(summary.total, "cost_usd_per_million_output_tokens") == Approx(2.0 / 34e-6));
  CHECK(value(summary.total, "cost_usd_per_million_total_tokens") == Approx(2.0 / 434e-6));
  const double pool_j = 2 * (150 * 100.0 + 40 * 300.0 + 10 * 500.0);
  CHECK(value(summary.pools[0], "energy_kwh") == Approx(pool_j / 3.6e6));
  CHECK(value(summary.total, "energy_kwh") == Approx((pool_j + 400 * 100) / 3.6e6));
}

TEST_CASE("prefill replicas are paid for, powered and used at their own sizes and rates",
          "[results][summary]") {
  RunFacts facts = small_run();
  PoolFacts& pool = facts.pools[0];
  pool.prefill = {1, 4, 50, "other", 5, 80, {0, 600}};
  ReplicaFact prefill;
  prefill.kv_peak_blocks = 48;
  prefill.busy_ns = {0, 20 * kSecond};
  pool.replica_facts.insert(pool.replica_facts.begin(), prefill);
  pool.kv_transfers = {{0, 0, 1, 100, 10 * kSecond, 11 * kSecond, 15 * kSecond},
                       {1, 0, 2, 100, 20 * kSecond, 20 * kSecond + 1, 22 * kSecond + 1},
                       {2, 0, 1, 100, 30 * kSecond}};
  const SummarySection summary = summarize(facts).pools[0];
  CHECK(value(summary, "pool_gpus") == 8);
  CHECK(value(summary, "gpu_utilization_share") == Approx((50.0 * 2 + 20.0 * 4) / 800));
  CHECK(value(summary, "kv_use_peak_share") == Approx(0.96));
  CHECK(value(summary, "kv_use_mean_share") == Approx((80 * 25 + 20 * 75) / 100.0 / 250));
  CHECK(value(summary, "cost_usd") == Approx((4 * 9 + 4 * 5) * 100.0 / 3600));
  const double decode_j = 2 * (150 * 100.0 + 40 * 300.0 + 10 * 500.0);
  const double prefill_j = 4 * (80 * 80.0 + 20 * 600.0);
  CHECK(value(summary, "energy_kwh") == Approx((decode_j + prefill_j) / 3.6e6));
  CHECK(value(summary, "kv_transfer_mean_s") == Approx(3.0));
  CHECK(value(summary, "kv_transfer_p50_s") == Approx(3.0));
  CHECK(value(summary, "kv_transfer_wait_mean_s") == Approx(0.5));
  CHECK(summary.at("kv_transfer_p50_s").samples == 2);
  CHECK(summarize(small_run()).total.at("kv_transfer_p99_s").absent == "no prefill replicas");
  pool.prefill.busy_power_w.clear();
  CHECK_FALSE(summarize(facts).pools[0].at("energy_kwh").value);
}

TEST_CASE("the total of several pools adds them up", "[results][summary]") {
  RunFacts facts = small_run();
  facts.pools.push_back(small_pool());
  facts.pools[1].name = "code";
  facts.pools[1].slo_ttft_ns = 0;
  const Summary summary = summarize(facts);
  REQUIRE(summary.pools.size() == 2);
  CHECK(summary.pools[1].scope == "code");
  CHECK(value(summary.total, "requests_arrived") == 10);
  CHECK(value(summary.total, "ttft_p50_s") == Approx(0.5));
  CHECK(summary.total.at("slo_ttft_s").absent == "pools differ");
  CHECK(value(summary.total, "slo_tpot_s") == Approx(0.1));
  CHECK(value(summary.total, "slo_attainment_share") == Approx(5.0 / 10));
  CHECK_FALSE(summary.total.at("kv_use_mean_share").value);
}

TEST_CASE("every section has the same keys, and nothing is NaN or unexplained",
          "[results][summary]") {
  for (RunFacts facts : {small_run(), RunFacts{}}) {
    facts.pools.emplace_back();
    const Summary summary = summarize(facts);
    for (const SummarySection& pool : summary.pools) {
      REQUIRE(pool.metrics.size() == summary.total.metrics.size());
      for (std::size_t i = 0; i < pool.metrics.size(); ++i) {
        CHECK(pool.metrics[i].key == summary.total.metrics[i].key);
      }
    }
    for (const Metric& metric : summary.total.metrics) {
      INFO(metric.key);
      CHECK(metric.value.has_value() == metric.absent.empty());
      CHECK(std::isfinite(metric.value.value_or(0)));
    }
  }
}

TEST_CASE("energy without a power model and error without a statement are absent",
          "[results][summary]") {
  RunFacts facts = small_run();
  facts.pools[0].busy_power_w.clear();
  CHECK_FALSE(summarize(facts).total.at("energy_kwh").value);
  CHECK_FALSE(summarize(facts).total.at("step_time_error_share").value);
  facts.pools[0].step_time_error = 0.12;
  CHECK(value(summarize(facts).total, "step_time_error_share") == 0.12);
}

TEST_CASE("facts that lose a request break the law of conservation", "[results][summary]") {
  RunFacts facts = small_run();
  CHECK(check_conservation(facts).empty());
  SECTION("in a sample") {
    facts.pools[0].samples[0].running = 2;
    const auto faults = check_conservation(facts);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].find("3 requests arrived") != std::string::npos);
  }
  SECTION("at the end") {
    facts.pools[0].requests.pop_back();
    CHECK(check_conservation(facts).size() == 1);
  }
  SECTION("between prefill and decode") {
    facts.pools[0].samples[0].transferring = 1;
    CHECK(check_conservation(facts).size() == 1);
    facts.pools[0].samples[0].running = 2;
    CHECK(check_conservation(facts).empty());
    facts.pools[0].requests[0].status = RequestStatus::transferring;
    CHECK(check_conservation(facts).size() == 1);
  }
  SECTION("from one decode replica to another") {
    facts.pools[0].prefill.replicas = 1;
    facts.pools[0].kv_transfers = {{0, 0, 1, 1, 5, 6, 7}};
    CHECK(check_conservation(facts).empty());
    facts.pools[0].kv_transfers[0].from = 1;
    CHECK(check_conservation(facts).size() == 1);
    facts.pools[0].kv_transfers[0] = {0, 0, 1, 1, 5, 7, 6};
    CHECK(check_conservation(facts).size() == 1);
  }
  SECTION("over time") {
    std::swap(facts.pools[0].samples[0], facts.pools[0].samples[1]);
    CHECK_FALSE(check_conservation(facts).empty());
  }
  SECTION("in memory") {
    facts.pools[0].samples[0].kv_used_blocks = 201;
    CHECK(check_conservation(facts).size() == 1);
  }
}
