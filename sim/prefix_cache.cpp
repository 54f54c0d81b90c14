#include "sim/prefix_cache.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace plimsoll {
PrefixCache::PrefixCache(std::int64_t blocks, std::int64_t unit_blocks)
    : unit_blocks_(unit_blocks), entries_(1) {
  append_anonymous(blocks);
  free_ = blocks;
}

std::int64_t PrefixCache::blocks_before_eviction() const {
  std::int64_t blocks = 0;
  std::uint32_t entry = entries_[kQueue].next;
  for (; entry != kQueue && entries_[entry].id == kAnonymous; entry = entries_[entry].next) {
    blocks += entries_[entry].blocks;
  }
  return blocks;
}

// ---- What holders do ------------------------------------------------------------------------------------------------

PrefixCache::Found PrefixCache::find(std::span<const std::uint32_t> ids) {
  Found found;
  found_.clear();
  for (const std::uint32_t id : ids) {
    const std::uint32_t entry = units_.find(id);
    if (entry == IdTable::kAbsent) break;
    found_.push_back(entry);
    if (entries_[entry].references == 0) found.waking_blocks += unit_blocks_;
  }
  found.units = static_cast<std::int64_t>(found_.size());
  return found;
}

void PrefixCache::hold_found(std::uint16_t slot) {
  for (const std::uint32_t entry : found_) {
    if (entries_[entry].references++ > 0) continue;
    unlink(entry);
    free_ -= unit_blocks_;
  }
  Holder& to = holder(slot);
  to.units.swap(found_);
  to.kept = to.units.size();
}

void PrefixCache::take(std::int64_t blocks, std::vector<std::uint32_t>& evicted) {
  PLIMSOLL_ASSERT(blocks <= free_, "{} KV blocks wanted, {} free", blocks, free_);
  free_ -= blocks;
  while (blocks > 0) {
    const std::uint32_t front = entries_[kQueue].next;
    Entry& entry = entries_[front];
    if (entry.id != kAnonymous) {
      units_.erase(entry.id);
      evicted.push_back(entry.id);
      entry.id = kAnonymous;
    }
    const std::int64_t taken = std::min(blocks, entry.blocks);
    entry.blocks -= taken;
    blocks -= taken;
    if (entry.blocks > 0) return;
    unlink(front);
    free_entry(front);
  }
}

void PrefixCache::keep(std::uint16_t slot, std::span<const std::uint32_t> ids) {
  Holder& keeper = holder(slot);
  for (; keeper.kept < ids.size(); ++keeper.kept) {
    const std::uint32_t id = ids[keeper.kept];
    if (units_.find(id) != IdTable::kAbsent) continue;
    const std::uint32_t entry = new_entry({id, 1, kQueue, kQueue, unit_blocks_});
    units_.insert(id, entry);
    keeper.units.push_back(entry);
  }
}

std::int64_t PrefixCache::give_back(std::uint16_t slot, std::int64_t blocks) {
  Holder& leaver = holder(slot);
  std::int64_t freed = blocks - unit_blocks_ * static_cast<std::int64_t>(leaver.units.size());
  append_anonymous(freed);
  for (auto unit = leaver.units.rbegin(); unit != leaver.units.rend(); ++unit) {
    if (--entries_[*unit].references > 0) continue;
    link_last(*unit);
    freed += unit_blocks_;
  }
  leaver.units.clear();
  leaver.kept = 0;
  free_ += freed;
  return freed;
}

PrefixCache::Holder& PrefixCache::holder(std::uint16_t slot) {
  if (holders_.size() <= slot) holders_.resize(slot + std::size_t{1});
  return holders_[slot];
}

// ---- The queue ------------------------------------------------------------------------------------------------------

std::uint32_t PrefixCache::new_entry(const Entry& entry) {
  if (unused_entries_.empty()) {
    entries_.push_back(entry);
    return static_cast<std::uint32_t>(entries_.size() - 1);
  }
  const std::uint32_t index = unused_entries_.back();
  unused_entries_.pop_back();
  entries_[index] = entry;
  return index;
}

void PrefixCache::free_entry(std::uint32_t entry) { unused_entries_.push_back(entry); }

void PrefixCache::link_last(std::uint32_t entry) {
  const std::uint32_t last = entries_[kQueue].previous;
  entries_[entry].previous = last;
  entries_[entry].next = kQueue;
  entries_[last].next = entry;
  entries_[kQueue].previous = entry;
}

void PrefixCache::unlink(std::uint32_t entry) {
  const auto [previous, next] = std::pair(entries_[entry].previous, entries_[entry].next);
  entries_[previous].next = next;
  entries_[next].previous = previous;
}

void PrefixCache::append_anonymous(std::int64_t blocks) {
  if (blocks == 0) return;
  const std::uint32_t last = entries_[kQueue].previous;
  if (last != kQueue && entries_[last].id == kAnonymous) {
    entries_[last].blocks += blocks;
    return;
  }
  link_last(new_entry({kAnonymous, 0, kQueue, kQueue, blocks}));
}

}  // namespace plimsoll
