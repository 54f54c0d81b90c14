#include "sim/kv_offload.hpp"

#include <algorithm>
#include <limits>

#include "core/assert.hpp"

namespace plimsoll {

// ---- Ids by last use ------------------------------------------------------------------------------------------------

RecentIds::RecentIds(std::int64_t capacity)
    : capacity_(static_cast<std::size_t>(capacity)), entries_(1) {
  PLIMSOLL_ASSERT(capacity > 0, "a tier of {} units", capacity);
}

std::optional<std::uint32_t> RecentIds::use(std::uint32_t id) {
  const std::uint32_t known = places_.find(id);
  if (known != IdTable::kAbsent) {
    unlink(known);
    link_last(known);
    return std::nullopt;
  }
  std::optional<std::uint32_t> driven_out;
  auto entry = static_cast<std::uint32_t>(entries_.size());
  if (entries_.size() > capacity_) {
    entry = entries_[0].next;
    driven_out = entries_[entry].id;
    places_.erase(*driven_out);
    unlink(entry);
  } else {
    entries_.emplace_back();
  }
  entries_[entry].id = id;
  places_.insert(id, entry);
  link_last(entry);
  return driven_out;
}

void RecentIds::link_last(std::uint32_t entry) {
  const std::uint32_t last = entries_[0].previous;
  entries_[entry].previous = last;
  entries_[entry].next = 0;
  entries_[last].next = entry;
  entries_[0].previous = entry;
}

void RecentIds::unlink(std::uint32_t entry) {
  const Entry& out = entries_[entry];
  entries_[out.previous].next = out.next;
  entries_[out.next].previous = out.previous;
}

// ---- Tiers ----------------------------------------------------------------------------------------------------------

KvOffload::KvOffload(const KvOffloadSetup& setup) : unit_bytes_(setup.unit_bytes) {
  for (const OffloadTierSetup& tier : setup.tiers) {
    tiers_.push_back({RecentIds(tier.units), SharedBandwidth(tier.bandwidth)});
  }
}

void KvOffload::store(std::uint32_t id) {
  std::optional<std::uint32_t> on = id;
  for (Tier& tier : tiers_) {
    if (!on) return;
    on = tier.ids.use(*on);
  }
}

std::int64_t KvOffload::find(std::span<const std::uint32_t> ids) const {
  const auto missing = std::find_if(ids.begin(), ids.end(), [&](std::uint32_t id) {
    return std::none_of(tiers_.begin(), tiers_.end(),
                        [&](const Tier& tier) { return tier.ids.contains(id); });
  });
  return missing - ids.begin();
}

void KvOffload::load(std::int64_t now_ns, std::uint16_t holder,
                     std::span<const std::uint32_t> ids) {
  std::vector<std::int64_t> units(tiers_.size(), 0);
  for (const std::uint32_t id : ids) {
    std::size_t from = 0;
    while (!tiers_[from].ids.contains(id)) ++from;
    tiers_[from].ids.use(id);
    ++units[from];
  }
  if (loads_of_.size() <= holder) loads_of_.resize(holder + std::size_t{1}, 0);
  for (std::size_t tier = 0; tier < tiers_.size(); ++tier) {
    if (units[tier] == 0) continue;
    tiers_[tier].link.start(now_ns, holder, unit_bytes_ * units[tier]);
    ++loads_of_[holder];
  }
}

std::int64_t KvOffload::next_done_ns() const {
  std::int64_t next = std::numeric_limits<std::int64_t>::max();
  for (const Tier& tier : tiers_) next = std::min(next, tier.link.next_done_ns());
  return next;
}

void KvOffload::take_done(std::int64_t now_ns, std::vector<std::uint16_t>& holders) {
  for (Tier& tier : tiers_) {
    finished_.clear();
    tier.link.take_done(now_ns, finished_);
    for (const std::uint16_t holder : finished_) {
      if (--loads_of_[holder] == 0) holders.push_back(holder);
    }
  }
}

}  // namespace plimsoll
