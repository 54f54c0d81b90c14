// Flows of bytes that share network links: one out of each sender, one into each receiver, all of equal bandwidth.
//
// Processor sharing: the n flows of a link get an n-th of it each, and a flow goes at the lesser of its two shares.
// What a flow leaves unused on its wider side is not given to others, so that a flow that begins or ends changes only
// those that it shares a link with (max-min fairness would give out the rest; it is never slower than this).
#pragma once

#include <cstdint>
#include <vector>

#include "core/quantity.hpp"

namespace plimsoll {

class SharedLinks {
 public:
  SharedLinks() = default;
  SharedLinks(std::uint32_t senders, std::uint32_t receivers, BytesPerSecond bandwidth)
      : bandwidth_(bandwidth), out_(senders, 0), in_(receivers, 0) {}

  /// `id` is the caller's name of the flow.
  void begin(SimTime now, std::uint32_t id, std::uint32_t sender, std::uint32_t receiver,
             Bytes bytes);
  /// When the next flow ends, as things are; kNever without flows. Rounded up: none ends early.
  SimTime next_end() const;
  /// Takes out the flows that end at `now`, which is next_end(), and calls `visit(id)` for each in the order of their
  /// beginning.
  template <class Visit>
  void end_at(SimTime now, Visit&& visit) {
    std::vector<Flow> ended;
    std::erase_if(flows_, [&](const Flow& flow) {
      if (flow.ends_at != now) return false;
      ended.push_back(flow);
      return true;
    });
    for (const Flow& flow : ended) {
      --out_[flow.sender];
      --in_[flow.receiver];
    }
    for (const Flow& flow : ended) share_again(now, flow.sender, flow.receiver);
    for (const Flow& flow : ended) visit(flow.id);
  }
  std::size_t flows() const { return flows_.size(); }

 private:
  struct Flow {
    std::uint32_t id = 0;
    std::uint32_t sender = 0;
    std::uint32_t receiver = 0;
    double left_bytes = 0;  ///< at `since`
    SimTime since{};
    double bytes_per_s = 0;  ///< since then
    SimTime ends_at = kNever;
  };

  void share_again(SimTime now, std::uint32_t sender, std::uint32_t receiver);

  BytesPerSecond bandwidth_{1};
  std::vector<std::uint32_t> out_;  ///< [sender]: flows
  std::vector<std::uint32_t> in_;   ///< [receiver]
  std::vector<Flow> flows_;         ///< in the order of their beginning
};

}  // namespace plimsoll
