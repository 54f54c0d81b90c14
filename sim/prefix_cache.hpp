// Which KV blocks of an attention rank a later prompt may find again, as vLLM V1's block pool and KV cache manager keep
// them (vllm/v1/core/block_pool.py, kv_cache_manager.py).
//
// A unit is a block of the workload's prefixes (workloads/prefix_blocks.hpp): `unit_blocks` KV blocks under one id,
// found and evicted together. Units have reference counts. All KV blocks that nobody refers to stand in one queue,
// the least recently used in front: units that can still be found, and anonymous blocks (ends of sequences, units that
// lost their id, blocks never used). Blocks are taken from its front; a unit that comes up there loses its id, and what
// is not taken of it stays as anonymous blocks. A holder that leaves gives back its anonymous blocks first, then its
// units from last to first, so that beginnings are evicted after what follows them.
//
// Where vLLM may hold two copies of a block under one hash, here the one that is there keeps the id and the newer copy
// is anonymous. All operations cost O(units touched).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/id_table.hpp"

namespace plimsoll {

class PrefixCache {
 public:
  /// Off: nobody may call the rest.
  PrefixCache() = default;
  /// `blocks`: all KV blocks of the rank, free.
  PrefixCache(std::int64_t blocks, std::int64_t unit_blocks);

  bool enabled() const { return unit_blocks_ > 0; }
  std::int64_t unit_blocks() const { return unit_blocks_; }
  /// KV blocks that nobody refers to.
  std::int64_t free_blocks() const { return free_; }
  /// How many blocks can be taken before a unit is evicted.
  std::int64_t blocks_before_eviction() const;

  struct Found {
    std::int64_t units = 0;          ///< in a row from the first id
    std::int64_t waking_blocks = 0;  ///< KV blocks of those units to which nobody refers
  };
  /// The longest beginning of `ids` that is there.
  Found find(std::span<const std::uint32_t> ids);
  /// The holder (a slot of the running batch, without units so far) refers to what `find` found last.
  void hold_found(std::uint16_t holder);
  /// Takes KV blocks from the front of the queue; there are as many. Adds the ids of units that this evicts.
  void take(std::int64_t blocks, std::vector<std::uint32_t>& evicted);
  /// The holder's own blocks now contain the units of `ids`, from its first: those that are not there yet get their id.
  void keep(std::uint16_t holder, std::span<const std::uint32_t> ids);
  /// The holder leaves its `blocks` KV blocks, units included. How many of them nobody refers to any more.
  std::int64_t give_back(std::uint16_t holder, std::int64_t blocks);

 private:
  static constexpr std::uint32_t kAnonymous = 0xFFFFFFFFu;
  static constexpr std::uint32_t kQueue = 0;  ///< the entry before the first and after the last

  /// A unit, or a number of anonymous blocks in the queue.
  struct Entry {
    std::uint32_t id = kAnonymous;
    std::uint32_t references = 0;
    std::uint32_t previous = kQueue;
    std::uint32_t next = kQueue;
    std::int64_t blocks = 0;
  };
  struct Holder {
    std::vector<std::uint32_t> units;
    std::size_t kept = 0;  ///< ids that were dealt with
  };

  Holder& holder(std::uint16_t slot);
  std::uint32_t new_entry(const Entry& entry);
  void free_entry(std::uint32_t entry);
  void link_last(std::uint32_t entry);
  void unlink(std::uint32_t entry);
  void append_anonymous(std::int64_t blocks);

  std::int64_t unit_blocks_ = 0;
  std::int64_t free_ = 0;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> unused_entries_;
  IdTable units_;  ///< entries of units that can be found
  std::vector<Holder> holders_;
  std::vector<std::uint32_t> found_;  ///< entries of the last `find`
};

}  // namespace plimsoll
