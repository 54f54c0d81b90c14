#include "sim/kv_transfers.hpp"

#include "sim/replica.hpp"

namespace plimsoll {

std::uint32_t KvTransfers::add(const KvTransferFact& transfer) {
  facts_.push_back(transfer);
  return static_cast<std::uint32_t>(facts_.size() - 1);
}

void KvTransfers::on(KvAsked asked, Context<KvTransfers>& context) {
  KvTransferFact& fact = facts_[asked.transfer];
  fact.begin_ns = to_ns(context.now() - ask_latency(setup_->link));
  links_.begin(context.now(), asked.transfer, fact.from, fact.to - setup_->prefill_replicas,
               Bytes{fact.bytes});
  wake_at_next_end(context);
}

void KvTransfers::on(KvFlowsEnd end, Context<KvTransfers>& context) {
  if (end.generation != generation_) return;
  const SimTime told = context.now() + Duration{1};
  links_.end_at(context.now(), [&](std::uint32_t transfer) {
    KvTransferFact& fact = facts_[transfer];
    fact.end_ns = to_ns(told);
    context.send<Replica>(setup_->first_replica + fact.from, told, KvReleased{fact.request});
    context.send<Replica>(setup_->first_replica + fact.to, told, KvReceived{fact.request});
  });
  wake_at_next_end(context);
}

void KvTransfers::wake_at_next_end(Context<KvTransfers>& context) {
  const SimTime end = links_.next_end();
  if (end != kNever) context.wake(end, KvFlowsEnd{++generation_});
}

}  // namespace plimsoll
