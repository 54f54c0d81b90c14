// The tables of a run, each column once: its name on disk with its unit, its member, and what it
// says. The writer, the reader and the digest are all made from these lists.
#pragma once

#include <cstdint>
#include <tuple>
#include <type_traits>
#include <vector>

#include "results/run_facts.hpp"

namespace plimsoll {

template <class Row, class Member>
struct Column {
  using Value = Member;
  /// What is stored of the member: an enum as its number.
  using Stored = typename std::conditional_t<std::is_enum_v<Member>, std::underlying_type<Member>,
                                             std::type_identity<Member>>::type;

  const char* name;
  Member Row::* member;
  const char* unit;
  const char* description;

  Stored get(const Row& row) const { return static_cast<Stored>(row.*member); }
  void set(Row& row, Stored value) const { row.*member = static_cast<Member>(value); }
};

/// A time in ticks of 2^-16 ns, stored in seconds. Both roundings are of half a unit in the last
/// place and the factor is a double without error, so that every |ticks| < 2^51 comes back.
template <class Row>
struct TickColumn {
  using Value = std::int64_t;
  using Stored = double;
  static constexpr double kTicksPerSecond = 65536e9;

  const char* name;
  std::int64_t Row::* member;
  const char* unit;
  const char* description;

  double get(const Row& row) const { return static_cast<double>(row.*member) / kTicksPerSecond; }
  void set(Row& row, double seconds) const {
    const double ticks = seconds * kTicksPerSecond;
    row.*member = static_cast<std::int64_t>(ticks < 0 ? ticks - 0.5 : ticks + 0.5);
  }
};

inline constexpr std::tuple kRequestColumns{
    Column{"arrival_ns", &RequestFact::arrival_ns, "ns", "the gateway has the request"},
    Column{"first_token_ns", &RequestFact::first_token_ns, "ns",
           "the gateway has the first token; -1: never"},
    Column{"finish_ns", &RequestFact::finish_ns, "ns", "the gateway has the last token; -1: never"},
    Column{"prompt_tokens", &RequestFact::prompt_tokens, "tokens", "length of the prompt"},
    Column{"output_tokens", &RequestFact::output_tokens, "tokens",
           "length of the output as asked for, cut at max_model_len"},
    Column{"replica", &RequestFact::replica, "",
           "that the policy chose, index within the pool; 2^32 - 1: rejected"},
    Column{"preemptions", &RequestFact::preemptions, "", "times that an engine preempted it"},
    Column{"status", &RequestFact::status, "", "what became of it by the end of the run"},
};

/// What the prefix cache found: a part of the digest where it found anything.
inline constexpr std::tuple kPrefixColumns{
    Column{"cached_tokens", &RequestFact::cached_tokens, "tokens",
           "of the prompt, found in the prefix cache when first admitted"},
};
inline constexpr std::tuple kAllRequestColumns = std::tuple_cat(kRequestColumns, kPrefixColumns);

inline constexpr std::tuple kKvTransferColumns{
    Column{"request", &KvTransferFact::request, "", "row of the table of requests"},
    Column{"from", &KvTransferFact::from, "", "prefill replica, index within the pool"},
    Column{"to", &KvTransferFact::to, "", "decode replica, index within the pool"},
    Column{"bytes", &KvTransferFact::bytes, "B", "left to send when the prefill had ended"},
    Column{"prefilled_ns", &KvTransferFact::prefilled_ns, "ns", "the prefill ended"},
    Column{"begin_ns", &KvTransferFact::begin_ns, "ns",
           "the decode replica had blocks and asked for it; -1: never"},
    Column{"end_ns", &KvTransferFact::end_ns, "ns", "the decode replica has it; -1: never"},
};

inline constexpr std::tuple kItlRunColumns{
    TickColumn<ItlRun>{"start_s", &ItlRun::start_ticks, "s", "gap j is start_s + slope_s * j"},
    TickColumn<ItlRun>{"slope_s", &ItlRun::slope_ticks, "s", "growth of the gap per token"},
    Column{"count", &ItlRun::count, "", "number of gaps of each sequence"},
    Column{"sequences", &ItlRun::sequences, "", "sequences that each see every gap"},
    Column{"replica", &ItlRun::replica, "", "index within the pool"},
};

inline constexpr std::tuple kSampleColumns{
    Column{"time_ns", &PoolSample::time_ns, "ns", "all events before it have happened"},
    Column{"arrived", &PoolSample::arrived, "requests",
           "cumulative: completed + rejected + in_flight + queued + running + transferring"},
    Column{"completed", &PoolSample::completed, "requests", "cumulative: last token produced"},
    Column{"rejected", &PoolSample::rejected, "requests", "cumulative: refused by the gateway"},
    Column{"in_flight", &PoolSample::in_flight, "requests", "on the wire to a replica"},
    Column{"queued", &PoolSample::queued, "requests", "waiting in an engine"},
    Column{"running", &PoolSample::running, "requests", "in a running batch"},
    Column{"preempted", &PoolSample::preempted, "", "cumulative: preemptions"},
    Column{"output_tokens", &PoolSample::output_tokens, "tokens",
           "cumulative: produced by finished iterations"},
    Column{"kv_used_blocks", &PoolSample::kv_used_blocks, "blocks", "allocated, over all replicas"},
    Column{"busy_ns", &PoolSample::busy_ns, "ns",
           "cumulative: time in iterations, summed over replicas"},
};

/// What pools with prefill replicas have beside it: a part of their digest alone.
inline constexpr std::tuple kTransferringColumns{
    Column{"transferring", &PoolSample::transferring, "requests",
           "between the end of their prefill and their decode replica"},
};
inline constexpr std::tuple kAllSampleColumns =
    std::tuple_cat(kSampleColumns, kTransferringColumns);

inline constexpr std::tuple kReplicaColumns{
    Column{"requests", &ReplicaFact::requests, "requests", "routed to it"},
    Column{"iterations", &ReplicaFact::iterations, "", "iterations of its engine"},
    Column{"preemptions", &ReplicaFact::preemptions, "", "of its requests"},
    Column{"prefill_tokens", &ReplicaFact::prefill_tokens, "tokens",
           "computed, recomputation after preemption included"},
    Column{"kv_peak_blocks", &ReplicaFact::kv_peak_blocks, "blocks", "most allocated at any time"},
};

/// The largest that a replica met: no part of the digest, which has what they are the largest of.
inline constexpr std::tuple kMetColumns{
    Column{"most_step_tokens", &ReplicaFact::most_step_tokens, "tokens",
           "new tokens of its largest iteration, of one attention rank"},
    Column{"most_step_sequences", &ReplicaFact::most_step_sequences, "",
           "sequences of its largest iteration, of one attention rank"},
    Column{"longest_prompt", &ReplicaFact::longest_prompt, "tokens",
           "prefilled, cached ones included"},
    Column{"longest_context", &ReplicaFact::longest_context, "tokens",
           "of a sequence in its KV cache"},
};
inline constexpr std::tuple kAllReplicaColumns = std::tuple_cat(kReplicaColumns, kMetColumns);

/// The vectors ReplicaFact::busy_ns of a pool, one after another: one row per replica and batch
/// size.
struct BusyTime {
  std::uint32_t replica = 0;
  std::uint32_t sequences = 0;
  std::int64_t busy_ns = 0;
};

std::vector<BusyTime> busy_times(const PoolFacts& pool);

inline constexpr std::tuple kBusyColumns{
    Column{"replica", &BusyTime::replica, "", "index within the pool"},
    Column{"sequences", &BusyTime::sequences, "", "sequences in the batch"},
    Column{"busy_ns", &BusyTime::busy_ns, "ns", "time in iterations of so many sequences"},
};

/// PoolFacts::busy_power_w.
struct BusyPower {
  double busy_power_w = 0;
};

inline constexpr std::tuple kPowerColumns{
    Column{"busy_power_w", &BusyPower::busy_power_w, "W",
           "per GPU, in an iteration of so many sequences as the row's index"},
};

}  // namespace plimsoll
