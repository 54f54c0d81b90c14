#include "results/digest.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

#include "results/job_columns.hpp"

namespace plimsoll {
namespace {

/// XXH3-128 of a stream of integers and texts, each in little-endian bytes, without padding.
class Hash {
 public:
  Hash() : state_(XXH3_createState()) { XXH3_128bits_reset(state_.get()); }

  template <class Integer>
  void number(Integer value) {
    std::array<std::byte, sizeof(Integer)> bytes;
    put(bytes.data(), value);
    update(bytes.data(), bytes.size());
  }

  void text(std::string_view value) {
    number<std::uint64_t>(value.size());
    update(value.data(), value.size());
  }

  /// The rows, each packed column by column, after their number.
  template <class Row, class... Column>
  void table(std::span<const Row> rows, const std::tuple<Column...>& columns) {
    constexpr std::size_t kRowBytes = (sizeof(typename Column::Value) + ...);
    constexpr std::size_t kPiece = 1024;
    std::array<std::byte, kRowBytes * kPiece> packed;
    number<std::uint64_t>(rows.size());
    for (std::size_t first = 0; first < rows.size(); first += kPiece) {
      const auto piece = rows.subspan(first, std::min(kPiece, rows.size() - first));
      std::byte* out = packed.data();
      for (const Row& row : piece)
        std::apply([&](const auto&... column) { ((out = put(out, row.*column.member)), ...); },
                   columns);
      update(packed.data(), piece.size() * kRowBytes);
    }
  }

  void texts(std::span<const std::string> values) {
    number<std::uint64_t>(values.size());
    for (const std::string& value : values) text(value);
  }

  std::string hex() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };

  template <class Value>
  static std::byte* put(std::byte* out, Value value) {
    static_assert(std::is_integral_v<Value> || std::is_enum_v<Value>);
    std::memcpy(out, &value, sizeof value);
    if constexpr (std::endian::native == std::endian::big) std::reverse(out, out + sizeof value);
    return out + sizeof value;
  }

  void update(const void* bytes, std::size_t size) {
    XXH3_128bits_update(state_.get(), bytes, size);
  }

  std::unique_ptr<XXH3_state_t, Free> state_;
};

void add(Hash& hash, const PoolFacts& pool) {
  hash.text(pool.name);
  hash.table<RequestFact>(pool.requests, kRequestColumns);
  const bool found =
      std::any_of(pool.requests.begin(), pool.requests.end(),
                  [](const RequestFact& request) { return request.cached_tokens > 0; });
  if (found) hash.table<RequestFact>(pool.requests, kPrefixColumns);
  hash.table<ItlRun>(pool.itl_runs, kItlRunColumns);
  hash.table<PoolSample>(pool.samples, kSampleColumns);
  hash.table<ReplicaFact>(pool.replica_facts, kReplicaColumns);
  hash.table<BusyTime>(busy_times(pool), kBusyColumns);
  hash.number(pool.decisions_hash);
  hash.number(pool.view_changes_hash);
  if (pool.prefill.replicas > 0) {
    hash.table<KvTransferFact>(pool.kv_transfers, kKvTransferColumns);
    hash.table<PoolSample>(pool.samples, kTransferringColumns);
  }
}

void add(Hash& hash, const JobTables& jobs) {
  hash.number(jobs.cycles);
  hash.number(jobs.conflicts);
  hash.texts(jobs.names);
  hash.texts(jobs.sources);
  hash.texts(jobs.queues);
  hash.texts(jobs.users);
  hash.texts(jobs.reason_names);
  hash.texts(jobs.mig_profiles);
  for (const JobNode& node : jobs.nodes) hash.text(node.name);
  hash.table<JobNode>(jobs.nodes, kJobNodeColumns);
  hash.table<JobFact>(jobs.jobs, kJobColumns);
  hash.table<JobRunFact>(jobs.runs, kJobRunColumns);
  hash.table<JobShareFact>(jobs.shares, kJobShareColumns);
  hash.table<JobSample>(jobs.samples, kJobSampleColumns);
  hash.table<JobReasonFact>(jobs.reasons, kJobReasonColumns);
  for (const JobReasonFact& reason : jobs.reasons) hash.text(reason.text);
}

}  // namespace

std::string digest(const RunFacts& facts) {
  Hash hash;
  hash.number(facts.end_ns);
  hash.number<std::uint64_t>(facts.pools.size());
  for (const PoolFacts& pool : facts.pools) add(hash, pool);
  if (facts.jobs) add(hash, *facts.jobs);
  return hash.hex();
}

}  // namespace plimsoll
