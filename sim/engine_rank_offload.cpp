// A rank's loads from the tiers behind its prefix cache.
#include <algorithm>

#include "sim/engine_rank.hpp"

namespace plimsoll {

/// Units behind the first `units` of the request that a tier has, in a row.
std::int64_t EngineRank::find_offloaded(const QueuedRequest& request, std::int64_t units) const {
  if (!offload_.enabled()) return 0;
  const auto ids = prefix_ids(request, request.prompt_tokens + request.produced - 1);
  return offload_.find(ids.subspan(static_cast<std::size_t>(units)));
}

void EngineRank::begin_load(std::uint16_t slot, std::int64_t units, std::int64_t far,
                            std::int64_t now_ns) {
  const QueuedRequest& request = sequences_[slot].request;
  const auto ids = prefix_ids(request, request.prompt_tokens + request.produced - 1);
  offload_.load(now_ns, slot,
                ids.subspan(static_cast<std::size_t>(units), static_cast<std::size_t>(far)));
  loading_.push_back(slot);
}

/// What has been loaded can be found on the GPU from now on.
void EngineRank::receive_loads(std::int64_t now_ns) {
  done_.clear();
  offload_.take_done(now_ns, done_);
  for (const std::uint16_t slot : done_) {
    keep_prefix(slot, sequences_[slot].computed);
    loaded_.push(slot);
    std::erase(loading_, slot);
  }
}

}  // namespace plimsoll
