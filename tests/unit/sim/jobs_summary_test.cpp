// What a run of jobs comes to.
#include "sim/jobs/job_summary.hpp"

#include "tests/catch.hpp"
#include "tests/oracle/plain_jobs.hpp"

using namespace plimsoll;
using namespace plimsoll::oracle;

TEST_CASE("the summary of a run can be told by hand", "[jobs]") {
  // One node of 8. Job 0 holds 5 from 0 to 100; job 1 needs all 8 and waits for it, until 200; job 2 is impossible.
  auto cluster = plain_cluster(1, 8, plain_specs({{0, 5, 100}, {20, 8, 100}, {30, 16, 1}}, 8),
                               scheduler("fifo"));
  cluster.run();
  const auto facts = plain_facts(1, 8);
  const JobSummary summary = summarize(cluster.facts(), *facts, 2);
  CHECK(summary.finished == 2);
  CHECK(summary.rejected == 1);
  CHECK(summary.jct.mean_s == Approx((100.0 + 180.0) / 2));
  CHECK(summary.waiting.p50_s == Approx(40));
  CHECK(summary.makespan == 200 * kSecond);
  CHECK(summary.utilization == Approx((5.0 * 100 + 8.0 * 100) / (8 * 200)));
  CHECK(summary.fragmentation == Approx(0.5));  // 1 of 3 free GPUs for half of the time
  const auto samples = fragmentation_over_time(cluster.facts(), *facts, 4);
  REQUIRE(samples.size() == 3);
  CHECK(samples[0].free_gpus == 3);
  CHECK(samples[0].fragmented_gpus == 3);
  CHECK(samples[1].free_gpus == 0);
  CHECK(samples[2].free_gpus == 8);
  CHECK(samples[2].fragmented_gpus == 0);
}

TEST_CASE("the summary of no jobs is empty", "[jobs]") {
  auto cluster = plain_cluster(1, 8, {}, scheduler("fifo"));
  cluster.run();
  const JobSummary summary = summarize(cluster.facts(), *plain_facts(1, 8), 8);
  CHECK(summary.finished == 0);
  CHECK(summary.jct.p99_s == 0);
  CHECK(summary.utilization == 0);
}
