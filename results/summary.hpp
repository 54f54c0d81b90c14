// The summary of a run: an ordered list of named numbers, computed from its facts and from nothing else. The
// terminal, the JSON object, the HTML page and run.h5 show these numbers; none of them computes its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "results/run_facts.hpp"

namespace plimsoll {

/// One number of the summary. Never NaN: what is undefined has no value and says why.
struct Metric {
  std::string key;  ///< snake_case with the unit last: "ttft_p99_s", "slo_attainment_share"
  std::optional<double> value;  ///< in the key's unit; a share is in [0, 1]
  std::string absent;           ///< why there is no value; empty when there is one

  /// Sampling error of a latency quantile: a 95 % interval from order statistics (Conover, "Practical
  /// Nonparametric Statistics", 3.2), its variance widened by what 32 batches in the order of the facts show
  /// of correlation. An end that the data do not reach is absent. It does not hold the model's error.
  std::optional<double> low;
  std::optional<double> high;
  std::uint64_t samples = 0;  ///< how many values a quantile stands on; 0 for all other metrics
};

/// The numbers of one pool, or of the whole run.
struct SummarySection {
  std::string scope;  ///< the pool's name, or "total", or "jobs"
  std::vector<Metric> metrics;

  const Metric& at(std::string_view key) const;  ///< the key must exist
};

/// `total` is the whole cluster, GPUs of no pool included; `pools` has one section per pool, in their order. All
/// sections have the same keys. What the numbers say:
///   requests_*        unfinished = arrived - completed - rejected
///   ttft, itl, tpot, e2e: over completed requests (itl: over all gaps between tokens); tpot leaves out outputs of
///                     one token. Quantiles as numpy's default ("linear"); pQ needs 1 / (1 - Q) values or is absent.
///   kv_transfer       over KV caches that reached their decode replica: from its asking for it to its having it;
///                     kv_transfer_wait: from the end of the prefill until the decode replica asks
///   slo_*_share       of the requests that arrived: rejected and unfinished ones count as misses
///   goodput           completed requests that met every SLO, per second of the run
///   *_per_s           over the whole run, drain included
///   prefix_hit_share  of the prompt tokens of requests that have a first token: found in the prefix cache when they
///                     were first admitted; of pools with a prefix cache and prompts that say what they share
///   kv_use_mean       over time, of the pool's blocks; kv_use_peak: the fullest replica at its fullest
///   gpu_utilization   share of the pool GPUs' time in which an iteration runs; provisioned_*: of all GPUs paid for
///   cost              provisioned GPUs x price x run time, busy or not; the total holds the GPUs of no pool
///   energy            GPUs only, busy and idle; the total holds the GPUs of no pool, unless jobs run on them: their
///                     energy is not modelled, and the total has none
///   step_time_error   the stated relative error of the step-time model, median and 90th percentile: what the
///                     intervals do not hold
/// `jobs`, of a run with jobs, has keys of its own:
///   jobs_*            submitted = pending + running + finished + rejected, as of the run's end
///   jct, queueing     over finished jobs: submission to finish; of it pending, before the first start and after
///                     evictions. pending_longest: most that a job waited which is pending at the end
///   makespan          first submission to last finish
///   placement_slowdown  over finished jobs with GPUs: running time without setup, over what it would have been on the
///                     closest placement
///   job_gpus          that jobs may use; those that pools hold are left out, here and in all that follows
///   allocated, unallocated, fragmented: over the time of the run; a share of a GPU counts as what it is. Fragmented:
///                     free, but of no use to the next job's typical worker (FGD), in expectation;
///                     fragmentation_share: of the free ones
///   *_usd_per_day     the same GPUs at their prices
///   *_gpu_hours       GPUs x running time, shared ones counted whole; of it setup, and progress lost to evictions
///   cost              job_gpus x price x run time, busy or not; per GPU hour of progress that was kept
struct Summary {
  SummarySection total;
  std::vector<SummarySection> pools;
  std::optional<SummarySection> jobs = std::nullopt;
};

/// The summary of `facts`: a pure function, the same bits on every machine.
Summary summarize(const RunFacts& facts);

/// Where the facts break the law arrived = completed + rejected + in_flight + queued + running + transferring, run
/// backwards, or disagree with the requests at the run's end, and where jobs break theirs (results/job_laws.hpp): one
/// sentence each; empty when all is well.
std::vector<std::string> check_conservation(const RunFacts& facts);

}  // namespace plimsoll
