// The reference replica against cases small enough to work out by hand: a step takes 1000 ns plus what the case says.
#include "tests/oracle/reference_replica.hpp"

#include "core/random_stream.hpp"
#include "tests/catch.hpp"
#include "workloads/step_time/linear.hpp"

using namespace plimsoll;
using plimsoll::oracle::ReferenceReplica;
using plimsoll::oracle::ReplicaHistory;
using plimsoll::oracle::ReplicaLimits;

namespace {

constexpr Ticks kMicrosecond = 1000 * kTicksPerNanosecond;

Arrival request(std::int64_t at_ns_value, std::int32_t prompt, std::int32_t output) {
  return {at_ns(at_ns_value), prompt, output};
}

ReplicaHistory serve(const std::vector<Arrival>& arrivals, ReplicaLimits limits,
                     LinearStepTime::Config times = {.base = kMicrosecond}) {
  const LinearStepTime model(times);
  return ReferenceReplica(model, limits).serve(arrivals);
}

std::vector<std::int64_t> token_times(const ReplicaHistory& history, std::size_t request_index) {
  return history.requests[request_index].token_ns;
}

}  // namespace

TEST_CASE("a lone request gets its first token after one step and one per step from then on",
          "[oracle]") {
  const auto history = serve({request(500, 10, 3)}, {.block_size = 4, .kv_blocks = 3});
  CHECK(token_times(history, 0) == std::vector<std::int64_t>{1500, 2500, 3500});
  CHECK(history.requests[0].first_token_ns == 1500);
  CHECK(history.requests[0].finish_ns == 3500);
  CHECK(history.requests[0].gap_ticks == std::vector<Ticks>{kMicrosecond, kMicrosecond});
  REQUIRE(history.steps.size() == 3);
  CHECK(history.steps[0].prefill[0].new_tokens == 10);
  CHECK(history.steps[1].decode_context == 11);
  CHECK(history.steps[2].decode_context == 12);
  CHECK(history.steps[2].kv_used_blocks == 3);
}

TEST_CASE("a request that arrives during a step waits for its end, one at its end joins the next",
          "[oracle]") {
  const auto history = serve({request(0, 4, 3), request(1, 4, 1), request(1000, 4, 1)},
                             {.block_size = 4, .kv_blocks = 100});
  CHECK(token_times(history, 0) == std::vector<std::int64_t>{1000, 2000, 3000});
  CHECK(token_times(history, 1) == std::vector<std::int64_t>{2000});
  CHECK(token_times(history, 2) == std::vector<std::int64_t>{2000});
  CHECK(history.steps.size() == 3);
  CHECK(history.steps[1].decode_sequences == 1);
  CHECK(history.steps[1].prefill.size() == 2);
}

TEST_CASE("requests of the same instant wake an idle replica together", "[oracle]") {
  const auto history =
      serve({request(7, 4, 1), request(7, 4, 1)}, {.block_size = 4, .kv_blocks = 100});
  CHECK(history.steps.size() == 1);
  CHECK(history.requests[1].finish_ns == 1007);
}

TEST_CASE("a long prompt is cut into chunks by the token budget, after the decoding requests",
          "[oracle]") {
  const auto history = serve({request(0, 3, 4), request(0, 12, 1)},
                             {.max_num_batched_tokens = 8, .block_size = 4, .kv_blocks = 100});
  // step 1: 3 + 5 of 12; step 2: one decode, then 7 more; the prompt is complete
  REQUIRE(history.steps.size() == 4);
  CHECK(history.steps[0].prefill.size() == 2);
  CHECK(history.steps[0].prefill[1].new_tokens == 5);
  CHECK(history.steps[1].decode_sequences == 1);
  CHECK(history.steps[1].decode_context == 4);
  CHECK(history.steps[1].prefill[0].new_tokens == 7);
  CHECK(history.steps[1].prefill[0].cached_tokens == 5);
  CHECK(token_times(history, 1) == std::vector<std::int64_t>{2000});
}

TEST_CASE("the end of a cut prompt shares its step with the next prompt", "[oracle]") {
  const auto history = serve({request(0, 9, 1), request(1500, 2, 2)},
                             {.max_num_batched_tokens = 4, .block_size = 4, .kv_blocks = 100});
  REQUIRE(history.steps.size() == 4);
  CHECK(history.steps[2].prefill.size() == 2);  // 1 token of request 0, 2 of request 1
  CHECK(token_times(history, 0) == std::vector<std::int64_t>{3000});
  CHECK(token_times(history, 1) == std::vector<std::int64_t>{3000, 4000});
}

TEST_CASE("no more sequences run than there are seats", "[oracle]") {
  const auto history = serve({request(0, 4, 2), request(0, 4, 2), request(0, 4, 1)},
                             {.max_num_seqs = 2, .block_size = 4, .kv_blocks = 100});
  CHECK(history.steps[0].prefill.size() == 2);
  CHECK(history.steps[1].decode_sequences == 2);
  CHECK(history.requests[2].finish_ns == 3000);
}

TEST_CASE("a waiting request stays out while its blocks are taken, and nobody is preempted for it",
          "[oracle]") {
  const auto history =
      serve({request(0, 8, 2), request(0, 8, 1)}, {.block_size = 4, .kv_blocks = 4});
  // request 0 needs a third block for its second token, so only two are left in step 1: request 1 fits there;
  // with 3 blocks in all it does not
  CHECK(history.requests[1].finish_ns == 1000);
  const auto scarce =
      serve({request(0, 8, 2), request(0, 8, 1)}, {.block_size = 4, .kv_blocks = 3});
  CHECK(scarce.requests[0].finish_ns == 2000);
  CHECK(scarce.requests[1].finish_ns == 3000);
  CHECK(scarce.requests[0].preemptions + scarce.requests[1].preemptions == 0);
}

TEST_CASE("the last running request is preempted for a block and computes everything again",
          "[oracle]") {
  // Two prompts of one block each fill all blocks; both need a second block for their second token.
  const auto history =
      serve({request(0, 4, 3), request(0, 4, 3)}, {.block_size = 4, .kv_blocks = 2});
  REQUIRE(history.steps.size() == 5);
  CHECK(history.steps[1].preemptions == 1);
  CHECK(history.steps[1].decode_sequences == 1);
  CHECK(history.steps[1].prefill.empty());  // nothing is admitted in a step that preempts
  CHECK(token_times(history, 0) == std::vector<std::int64_t>{1000, 2000, 3000});
  // Request 1 had one token: 4 + 1 tokens to compute again, two blocks, free only once request 0 has left.
  CHECK(history.requests[1].preemptions == 1);
  CHECK(history.steps[3].prefill[0].new_tokens == 5);
  CHECK(history.steps[3].prefill[0].cached_tokens == 0);
  CHECK(token_times(history, 1) == std::vector<std::int64_t>{1000, 4000, 5000});
  CHECK(history.requests[1].gap_ticks == std::vector<Ticks>{3 * kMicrosecond, kMicrosecond});
}

TEST_CASE("preempted requests return to the front of the queue in their old order", "[oracle]") {
  // Requests 0, 1 and 2 fill 4 blocks in step 1. In step 2 request 0 grows and pushes out 2; in step 3 request 1 grows
  // and, by now the last, gives way itself. Both wait, 1 before 2, and 3 after them, until request 0 has left at 6000.
  const auto history =
      serve({request(0, 8, 6), request(0, 3, 8), request(0, 3, 8), request(1500, 3, 1)},
            {.block_size = 4, .kv_blocks = 4});
  CHECK(history.requests[0].preemptions == 0);
  CHECK(history.requests[0].finish_ns == 6000);
  const auto& resumed = history.steps[6];
  REQUIRE(resumed.prefill.size() == 3);
  CHECK(resumed.prefill[0].new_tokens == 5);  // request 1: its prompt of 3 and two tokens
  CHECK(resumed.prefill[1].new_tokens == 4);  // request 2: its prompt of 3 and one token
  CHECK(resumed.prefill[2].new_tokens == 3);
  CHECK(history.requests[3].first_token_ns == 7000);
  // Step 4 has a free block, enough for request 2, but request 1 is first and needs two.
  CHECK(history.steps[3].kv_used_blocks == 3);
  CHECK(history.requests[1].finish_ns < history.requests[2].finish_ns);
}

TEST_CASE("a request can only preempt itself when it is the last", "[oracle]") {
  const auto history =
      serve({request(0, 3, 3), request(0, 4, 2)}, {.block_size = 4, .kv_blocks = 2});
  // step 2: request 0 stays in its block (4 tokens), request 1 needs another and, being last, gives way
  CHECK(history.steps[1].decode_sequences == 1);
  CHECK(history.requests[0].preemptions == 0);
  CHECK(history.requests[1].preemptions == 1);
}

TEST_CASE("fractions of a nanosecond add up within a busy period and are dropped by an idle one",
          "[oracle]") {
  const Ticks third = kTicksPerNanosecond + kTicksPerNanosecond / 4;  // 1.25 ns
  const auto history = serve({request(0, 1, 5), request(100, 1, 1)},
                             {.block_size = 4, .kv_blocks = 2}, {.base = third});
  CHECK(token_times(history, 0) == std::vector<std::int64_t>{1, 2, 3, 5, 6});
  CHECK(history.requests[0].gap_ticks == std::vector<Ticks>(4, third));
  CHECK(history.requests[1].finish_ns == 101);
  const auto joined = serve({request(0, 1, 1), request(1, 1, 3)}, {.block_size = 4, .kv_blocks = 2},
                            {.base = third});
  CHECK(token_times(joined, 1) == std::vector<std::int64_t>{2, 3, 5});
}

TEST_CASE("a step's time follows the model's arguments", "[oracle]") {
  const auto history =
      serve({request(0, 10, 2), request(0, 20, 2)}, {.block_size = 16, .kv_blocks = 8},
            {.base = kMicrosecond,
             .per_sequence = 100 * kTicksPerNanosecond,
             .per_context_token = kTicksPerNanosecond,
             .per_prefill_token = 10 * kTicksPerNanosecond});
  CHECK(history.requests[0].first_token_ns == 1000 + 30 * 10);
  CHECK(history.steps[1].duration == (1000 + 200 + 11 + 21) * kTicksPerNanosecond);
}

TEST_CASE("whatever comes, every token comes out once, in order, within the replica's limits",
          "[oracle]") {
  std::int32_t preemptions = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const RandomStream random(seed, "replica", "workload");
    std::vector<Arrival> arrivals;
    std::int64_t now = 0;
    for (std::uint64_t i = 0; i < 40; ++i) {
      now += below(4000, random.bits(i, 0));
      arrivals.push_back(request(now, 1 + static_cast<std::int32_t>(below(60, random.bits(i, 1))),
                                 1 + static_cast<std::int32_t>(below(40, random.bits(i, 2)))));
    }
    const ReplicaLimits limits{
        .max_num_seqs = 6, .max_num_batched_tokens = 16, .block_size = 4, .kv_blocks = 30};
    const auto history = serve(arrivals, limits);
    std::int64_t last_start = -1;
    for (const auto& step : history.steps) {
      CHECK(step.start_ns > last_start);
      CHECK(step.kv_used_blocks <= limits.kv_blocks);
      std::int32_t tokens = step.decode_sequences;
      for (const PrefillChunk& chunk : step.prefill) tokens += chunk.new_tokens;
      CHECK(tokens >= 1);
      CHECK(tokens <= limits.max_num_batched_tokens);
      CHECK(step.decode_sequences + static_cast<std::int32_t>(step.prefill.size()) <=
            limits.max_num_seqs);
      last_start = step.start_ns;
    }
    std::int64_t last_first_token = 0;
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
      const auto& outcome = history.requests[i];
      CHECK(outcome.token_ns.size() == static_cast<std::size_t>(arrivals[i].output_tokens));
      CHECK(outcome.gap_ticks.size() + 1 == outcome.token_ns.size());
      CHECK(std::is_sorted(outcome.token_ns.begin(), outcome.token_ns.end()));
      CHECK(outcome.first_token_ns > to_ns(arrivals[i].at));
      CHECK(outcome.finish_ns == outcome.token_ns.back());
      CHECK(outcome.first_token_ns >= last_first_token);  // first come, first served
      last_first_token = outcome.first_token_ns;
      preemptions += outcome.preemptions;
    }
  }
  CHECK(preemptions > 100);
}
