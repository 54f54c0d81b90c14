#include "sim/shared_links.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll {

void SharedLinks::begin(SimTime now, std::uint32_t id, std::uint32_t sender, std::uint32_t receiver,
                        Bytes bytes) {
  ++out_[sender];
  ++in_[receiver];
  flows_.push_back({id, sender, receiver, static_cast<double>(bytes.count()), now, 0, kNever});
  share_again(now, sender, receiver);
}

SimTime SharedLinks::next_end() const {
  SimTime end = kNever;
  for (const Flow& flow : flows_) end = std::min(end, flow.ends_at);
  return end;
}

/// The flows of these two links: what is left of each, its new share, and when it would end. A flow whose share stays
/// keeps its numbers, so that they do not depend on how often it was looked at.
void SharedLinks::share_again(SimTime now, std::uint32_t sender, std::uint32_t receiver) {
  for (Flow& flow : flows_) {
    if (flow.sender != sender && flow.receiver != receiver) continue;
    const double share = bandwidth_.count() / std::max(out_[flow.sender], in_[flow.receiver]);
    if (share == flow.bytes_per_s) continue;
    const double sent = flow.bytes_per_s * to_seconds(now - flow.since);
    flow.left_bytes = std::max(0.0, flow.left_bytes - sent);
    flow.since = now;
    flow.bytes_per_s = share;
    const double ns = std::ceil(flow.left_bytes / share * 1e9);
    flow.ends_at = now + Duration{static_cast<std::int64_t>(ns)};
  }
}

}  // namespace plimsoll
