// KV blocks outside the GPU: units of the prefix cache that lost their blocks there, kept in host memory and on disk.
//
// A unit that the GPU evicts is stored in the first tier; what a tier has no room for goes on to the next, the least
// recently used first, and is lost behind the last. A unit that is found there is copied back and stays: the copy takes
// bytes / bandwidth, the bandwidth shared evenly by all loads of the tier. Stores run beside the computation and cost
// no time. Sizes and rates are those of one attention rank.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/quantity.hpp"
#include "sim/id_table.hpp"
#include "sim/shared_bandwidth.hpp"

namespace plimsoll {

/// One tier; a unit is what the prefix cache finds at a time.
struct OffloadTierSetup {
  std::int64_t units = 0;      ///< that it holds, >= 1
  BytesPerSecond bandwidth{};  ///< of loads, > 0
};

struct KvOffloadSetup {
  std::vector<OffloadTierSetup> tiers;  ///< host memory, then disk; empty: none
  Bytes unit_bytes{};                   ///< of one unit, over the GPUs of a rank
};

/// Ids in the order of their last use, as many as there is room for.
class RecentIds {
 public:
  explicit RecentIds(std::int64_t capacity);

  bool contains(std::uint32_t id) const { return places_.find(id) != IdTable::kAbsent; }
  /// The id is now the one used last. The one that it drove out, if any.
  std::optional<std::uint32_t> use(std::uint32_t id);

 private:
  struct Entry {
    std::uint32_t id = 0;
    std::uint32_t previous = 0;
    std::uint32_t next = 0;
  };
  void link_last(std::uint32_t entry);
  void unlink(std::uint32_t entry);

  std::size_t capacity_;
  std::vector<Entry> entries_;  ///< [0] is before the first and after the last
  IdTable places_;
};

class KvOffload {
 public:
  explicit KvOffload(const KvOffloadSetup& setup = {});

  bool enabled() const { return !tiers_.empty(); }
  /// The GPU has evicted the unit.
  void store(std::uint32_t id);
  /// How many of `ids` in a row from the first are in a tier.
  std::int64_t find(std::span<const std::uint32_t> ids) const;
  /// Begins to copy units that `find` has found, each from the first tier that has it, for `holder`.
  void load(std::int64_t now_ns, std::uint16_t holder, std::span<const std::uint32_t> ids);
  /// When the next of the running loads ends; the largest number when none runs.
  std::int64_t next_done_ns() const;
  /// Adds to `holders` those all of whose units are there by `now_ns`, tier by tier in the order in which loads ended.
  void take_done(std::int64_t now_ns, std::vector<std::uint16_t>& holders);

 private:
  struct Tier {
    RecentIds ids;
    SharedBandwidth link;
  };

  Bytes unit_bytes_{};
  std::vector<Tier> tiers_;
  std::vector<std::uint8_t> loads_of_;   ///< [holder]: tiers that still load for it
  std::vector<std::uint16_t> finished_;  ///< scratch of take_done
};

}  // namespace plimsoll
