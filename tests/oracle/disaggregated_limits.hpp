// What a pool of prefill and decode replicas is, and what becomes of a request in it, as the reference has it.
#pragma once

#include <cstdint>

#include "tests/oracle/reference_replica.hpp"
#include "workloads/kv_link.hpp"

namespace plimsoll::oracle {

struct DisaggregatedLimits {
  std::uint32_t prefill_replicas = 1;
  std::uint32_t decode_replicas = 1;
  ReplicaLimits prefill;
  ReplicaLimits decode;
  KvLink link;
  std::int64_t dispatch_ns = 1;
  std::int64_t response_ns = 1;
};

struct DisaggregatedOutcome {
  std::int64_t first_token_ns = -1;
  std::int64_t finish_ns = -1;
  std::int32_t preemptions = 0;
  std::uint32_t decode_replica = 0;
  std::int64_t prefilled_ns = -1;
  std::int64_t asked_ns = -1;
  std::int64_t received_ns = -1;
};

}  // namespace plimsoll::oracle
