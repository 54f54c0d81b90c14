// The KV caches of a pool on their way from the replicas that prefilled to those that decode.
//
//   prefill replica --prefilled--> gateway --dispatch--> decode replica     as soon as it has blocks for the prompt
//          ^                                                  |  asks (part of the link's latency)
//          |                                                  v
//          +---------- released ---- shared links ---- received --> joins the batch, streams the first token
//
// The prefill replica holds the prompt's blocks until it is told that they have been sent.
#pragma once

#include <cstdint>
#include <vector>

#include "results/run_facts.hpp"
#include "sim/kernel/context.hpp"
#include "sim/shared_links.hpp"
#include "workloads/kv_link.hpp"

namespace plimsoll {

/// A decode replica has blocks for a request, and asks for its KV cache.
struct KvAsked {
  std::uint32_t transfer = 0;  ///< row of the table of transfers
};
/// Flows end, unless the links have been shared anew since this wake-up was planned.
struct KvFlowsEnd {
  std::uint32_t generation = 0;
};

/// The constants of a pool's transfers.
struct KvTransferSetup {
  KvLink link;
  std::uint32_t prefill_replicas = 0;  ///< rows 0, 1, ... of the pool; decode replicas follow
  std::uint32_t decode_replicas = 0;
  std::uint32_t first_replica = 0;  ///< entity id of the pool's row 0
};

class KvTransfers {
 public:
  using Events = EventList<KvAsked, KvFlowsEnd>;

  explicit KvTransfers(const KvTransferSetup& setup)
      : setup_(&setup),
        links_(setup.prefill_replicas, setup.decode_replicas, setup.link.bandwidth) {}

  /// A request whose prefill has ended goes to another replica. Returns the transfer's number.
  std::uint32_t add(const KvTransferFact& transfer);
  void on(KvAsked asked, Context<KvTransfers>& context);
  void on(KvFlowsEnd end, Context<KvTransfers>& context);

  /// From the ask until its bytes begin to flow. The last nanosecond of the link's latency is the message that says so.
  static Duration ask_latency(const KvLink& link) { return link.latency - Duration{1}; }
  const KvTransferFact& transfer(std::uint32_t number) const { return facts_[number]; }
  std::vector<KvTransferFact> take_facts() { return std::move(facts_); }

 private:
  void wake_at_next_end(Context<KvTransfers>& context);

  const KvTransferSetup* setup_;  ///< the pool's; outlives the entity (see Pool)
  SharedLinks links_;
  std::uint32_t generation_ = 0;
  std::vector<KvTransferFact> facts_;
};

}  // namespace plimsoll
