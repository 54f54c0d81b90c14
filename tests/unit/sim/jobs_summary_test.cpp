// What a run of jobs comes to, from the cluster to the summary.
#include "results/job_section.hpp"
#include "sim/jobs/job_tables.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/plain_jobs.hpp"

using namespace plimsoll;
using namespace plimsoll::oracle;

namespace {

/// Of a cluster of one node of 8 GPUs that has run, over so much time.
SummarySection summary_of(const JobCluster& cluster, SimTime end) {
  JobConstants constants;
  constants.sources = {"jobs"};
  constants.source_of.resize(cluster.jobs().size());
  constants.nodes = {{"n0", "gpu", 8, 0, 1}};
  RunFacts facts;
  facts.end_ns = to_ns(end);
  facts.jobs = job_tables(cluster, constants, end);
  return job_section(facts);
}

}  // namespace

TEST_CASE("the summary of a run can be told by hand", "[jobs]") {
  // One node of 8. Job 0 holds 5 from 0 to 100; job 1 needs all 8 and waits for it, until 200; job 2 is impossible.
  auto cluster = plain_cluster(1, 8, plain_specs({{0, 5, 100}, {20, 8, 100}, {30, 16, 1}}, 8),
                               scheduler("fifo"));
  cluster.run();
  const SummarySection summary = summary_of(cluster, at_s(200));
  CHECK(summary.at("jobs_finished").value == 2);
  CHECK(summary.at("jobs_rejected").value == 1);
  CHECK(*summary.at("jct_mean_s").value == Approx((100.0 + 180.0) / 2));
  CHECK(*summary.at("queueing_p50_s").value == Approx(40));
  CHECK(*summary.at("makespan_s").value == Approx(200));
  CHECK(*summary.at("gpu_allocation_share").value == Approx((5.0 * 100 + 8.0 * 100) / (8 * 200)));
  CHECK(*summary.at("unallocated_gpus_mean").value == Approx(1.5));  // 3 for half of the time
}

TEST_CASE("the summary of no jobs is empty", "[jobs]") {
  auto cluster = plain_cluster(1, 8, {}, scheduler("fifo"));
  cluster.run();
  const SummarySection summary = summary_of(cluster, at_s(1));
  CHECK(summary.at("jobs_finished").value == 0);
  CHECK_FALSE(summary.at("jct_p99_s").value);
  CHECK(summary.at("gpu_allocation_share").value == 0);
}
