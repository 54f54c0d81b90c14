// The production replica against the reference on one random case, with macro-steps and without: to the nanosecond.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "tests/catch.hpp"
#include "tests/oracle/one_replica.hpp"
#include "tests/oracle/random_case.hpp"
#include "tests/oracle/reference_replica.hpp"

namespace plimsoll::oracle {

/// What the comparisons have covered, so that a test can say that its workloads were hard enough.
struct Covered {
  std::uint64_t preemptions = 0;
  std::int64_t cached_tokens = 0;
  std::int64_t prompt_tokens = 0;
};

inline std::vector<Ticks> sorted_gaps(const ReplicaHistory& history) {
  std::vector<Ticks> gaps;
  for (const RequestOutcome& request : history.requests) {
    gaps.insert(gaps.end(), request.gap_ticks.begin(), request.gap_ticks.end());
  }
  std::sort(gaps.begin(), gaps.end());
  return gaps;
}

/// A gap that spans a preemption is known to the nanosecond, all others to the tick.
inline void compare_gaps(const ServedByOne& served, const std::vector<Ticks>& expected) {
  const std::vector<Ticks> gaps = served.sorted_gaps();
  REQUIRE(gaps.size() == expected.size());
  std::size_t inexact = 0;
  for (std::size_t g = 0; g < gaps.size(); ++g) {
    REQUIRE(std::abs(gaps[g] - expected[g]) <= kTicksPerNanosecond);
    if (gaps[g] != expected[g]) ++inexact;
  }
  if (served.fact.preemptions == 0) REQUIRE(inexact == 0);
}

inline void compare(const ServedByOne& served, const ReplicaHistory& expected,
                    const RandomCase& random, Covered& covered) {
  const std::int64_t latency = to_ns(random.setup.response_latency);
  for (std::size_t i = 0; i < random.arrivals.size(); ++i) {
    INFO("request " << i);
    REQUIRE(served.requests[i].first_token_ns == expected.requests[i].first_token_ns + latency);
    REQUIRE(served.requests[i].finish_ns == expected.requests[i].finish_ns + latency);
    REQUIRE(served.requests[i].preemptions == expected.requests[i].preemptions);
    REQUIRE(served.requests[i].cached_tokens == expected.requests[i].cached_tokens);
    covered.preemptions += served.requests[i].preemptions;
    covered.cached_tokens += served.requests[i].cached_tokens;
    covered.prompt_tokens += random.arrivals[i].prompt_tokens;
  }
  REQUIRE(served.fact.iterations == expected.steps.size());
  REQUIRE(served.kv_most_used <= random.setup.kv_blocks * random.setup.ranks);
  compare_gaps(served, sorted_gaps(expected));
}

/// `random.arrivals` land in the queue when they say so.
inline void compare_with_reference(RandomCase random, Covered& covered) {
  const ReplicaSetup& setup = random.setup;
  ReferenceReplica reference(
      *setup.step_time,
      {setup.max_num_seqs, setup.max_num_batched_tokens, setup.block_tokens, setup.kv_blocks,
       setup.prefixes.get(), setup.scheduler == SchedulerKind::prefill_first, setup.ranks,
       setup.offload});
  const ReplicaHistory expected = reference.serve(random.arrivals);
  std::vector<ServedByOne> served;
  for (const bool macro_steps : {true, false}) {
    INFO("macro-steps " << macro_steps);
    random.setup.macro_steps = macro_steps;
    served.push_back(serve_by_one(random.setup, random.arrivals));
    compare(served.back(), expected, random, covered);
  }
  // The rows of gaps do not tell which: but for the slope of a row of one gap, which means nothing.
  REQUIRE(served[0].itl_runs.size() == served[1].itl_runs.size());
  for (std::size_t i = 0; i < served[0].itl_runs.size(); ++i) {
    ItlRun row = served[0].itl_runs[i];
    if (row.count == 1) row.slope_ticks = served[1].itl_runs[i].slope_ticks;
    REQUIRE(row == served[1].itl_runs[i]);
  }
  REQUIRE(served[0].fact == served[1].fact);
}

}  // namespace plimsoll::oracle
