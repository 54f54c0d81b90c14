// The KV cache of one engine of the reference: who has which blocks, what the prefix cache and the tiers behind it
// find.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tests/oracle/reference_blocks.hpp"
#include "tests/oracle/reference_tier.hpp"
#include "tests/oracle/replica_history.hpp"

namespace plimsoll::oracle {

/// What one request has of it.
struct RequestBlocks {
  PrefixSpan prefix{};
  std::vector<std::size_t> blocks{};  ///< in the order of its tokens
  std::size_t units = 0;              ///< how many of its ids were found or given
  int loads = 0;                      ///< tiers that still load for it
};

class ReferenceKv {
 public:
  explicit ReferenceKv(const ReplicaLimits& limits) : limits_(limits), blocks_(limits.kv_blocks) {
    for (const OffloadTierSetup& tier : limits.offload.tiers) tiers_.emplace_back(tier);
  }

  std::int64_t used() const { return blocks_.used(); }
  std::vector<ReferenceTier>& tiers() { return tiers_; }

  /// Gives the request the blocks of its first `tokens` tokens; false, and nothing changed, when too few are free.
  bool allocate(RequestBlocks& request, std::int32_t tokens, bool name) {
    const auto missing = blocks_for(tokens) - static_cast<std::int64_t>(request.blocks.size());
    if (missing > blocks_.free()) return false;
    for (std::int64_t i = 0; i < missing; ++i) request.blocks.push_back(blocks_.take());
    for (const std::uint32_t id : blocks_.evicted) {
      std::optional<std::uint32_t> on = id;
      for (ReferenceTier& tier : tiers_) {
        if (on) on = tier.use(*on);
      }
    }
    blocks_.evicted.clear();
    if (name) name_units(request, tokens);
    return true;
  }

  /// The blocks of the longest known beginning of the request that is shorter than `target` tokens.
  std::vector<std::size_t> find_prefix(const RequestBlocks& request, std::int32_t target) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < usable_units(request, target); ++i) {
      const auto unit = blocks_.find(id(request, i));
      if (!unit) break;
      found.insert(found.end(), unit->begin(), unit->end());
    }
    return found;
  }

  /// Ids behind those found that are in a tier, in a row, likewise.
  std::vector<std::uint32_t> find_offloaded(const RequestBlocks& request,
                                            const std::vector<std::size_t>& found,
                                            std::int32_t target) const {
    std::vector<std::uint32_t> far;
    for (std::size_t i = units_of(found); i < usable_units(request, target); ++i) {
      const bool there = std::any_of(tiers_.begin(), tiers_.end(),
                                     [&](const auto& tier) { return tier.has(id(request, i)); });
      if (!there) break;
      far.push_back(id(request, i));
    }
    return far;
  }

  /// Refers to what was found, if blocks for so many tokens are free beside it.
  bool hold(RequestBlocks& request, const std::vector<std::size_t>& found, std::int32_t tokens) {
    std::int64_t needed = blocks_for(tokens) - static_cast<std::int64_t>(found.size());
    for (const std::size_t block : found) needed += blocks_.is_free(block) ? 1 : 0;
    if (needed > blocks_.free()) return false;
    for (const std::size_t block : found) blocks_.refer(block);
    request.blocks = found;
    request.units = units_of(found);
    return true;
  }

  /// Each unit comes from the first tier that has it.
  void begin_loads(std::int64_t now_ns, std::size_t number, RequestBlocks& request,
                   const std::vector<std::uint32_t>& far) {
    std::vector<std::int64_t> bytes(tiers_.size(), 0);
    for (const std::uint32_t unit : far) {
      std::size_t tier = 0;
      while (!tiers_[tier].has(unit)) ++tier;
      tiers_[tier].use(unit);
      bytes[tier] += limits_.offload.unit_bytes.count();
    }
    for (std::size_t tier = 0; tier < bytes.size(); ++tier) {
      if (bytes[tier] == 0) continue;
      tiers_[tier].start(now_ns, number, bytes[tier]);
      ++request.loads;
    }
  }

  /// The units that lie whole within the first `tokens` tokens get their ids.
  void name_units(RequestBlocks& request, std::int64_t tokens) {
    if (limits_.prefixes == nullptr) return;
    const auto size =
        static_cast<std::ptrdiff_t>(limits_.prefixes->block_tokens / limits_.block_size);
    while (request.units < request.prefix.count &&
           static_cast<std::int64_t>(request.units + 1) * limits_.prefixes->block_tokens <=
               tokens) {
      const auto first = request.blocks.begin() + static_cast<std::ptrdiff_t>(request.units) * size;
      blocks_.name(id(request, request.units), {first, first + size});
      ++request.units;
    }
  }

  /// The request leaves with `computed` tokens computed.
  void leave(RequestBlocks& request, std::int64_t computed) {
    name_units(request, computed);
    blocks_.leave(request.blocks);
    request.blocks.clear();
    request.units = 0;
  }

 private:
  std::size_t usable_units(const RequestBlocks& request, std::int32_t target) const {
    if (limits_.prefixes == nullptr) return 0;
    const auto whole = static_cast<std::size_t>((target - 1) / limits_.prefixes->block_tokens);
    return std::min<std::size_t>(request.prefix.count, whole);
  }
  std::size_t units_of(const std::vector<std::size_t>& found) const {
    if (found.empty()) return 0;
    return found.size() * static_cast<std::size_t>(limits_.block_size) /
           static_cast<std::size_t>(limits_.prefixes->block_tokens);
  }
  std::uint32_t id(const RequestBlocks& request, std::size_t index) const {
    return limits_.prefixes->ids[request.prefix.first + index];
  }
  std::int64_t blocks_for(std::int64_t tokens) const {
    return (tokens + limits_.block_size - 1) / limits_.block_size;
  }

  ReplicaLimits limits_;
  ReferenceBlocks blocks_;
  std::vector<ReferenceTier> tiers_;
};

}  // namespace plimsoll::oracle
