// The KV blocks of one engine, each an object of its own, with the prefix cache of vLLM V1's BlockPool: a queue of free
// blocks from whose front new ones are taken and to whose end freed ones go, reference counts, and ids under which
// blocks are found as long as nobody else has taken them. A unit of several blocks has one id; it is lost with the
// first of them that is taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace plimsoll::oracle {

class ReferenceBlocks {
 public:
  explicit ReferenceBlocks(std::int64_t count) : blocks_(static_cast<std::size_t>(count)) {
    for (std::size_t block = 0; block < blocks_.size(); ++block) free_.push_back(block);
  }

  std::int64_t used() const { return static_cast<std::int64_t>(blocks_.size() - free_.size()); }
  std::int64_t free() const { return static_cast<std::int64_t>(free_.size()); }

  /// The blocks of a unit; nothing when it is not there.
  std::optional<std::vector<std::size_t>> find(std::uint32_t id) const {
    const auto unit = units_.find(id);
    if (unit == units_.end()) return std::nullopt;
    return unit->second;
  }
  std::vector<std::uint32_t> evicted;  ///< ids lost since somebody cleared it
  bool is_free(std::size_t block) const { return blocks_[block].references == 0; }

  std::size_t take() {
    const std::size_t block = free_.front();
    free_.pop_front();
    if (blocks_[block].id) {
      const std::uint32_t id = *blocks_[block].id;
      for (const std::size_t other : units_.at(id)) blocks_[other].id.reset();
      units_.erase(id);
      evicted.push_back(id);
    }
    blocks_[block].references = 1;
    return block;
  }

  void refer(std::size_t block) {
    if (blocks_[block].references++ == 0) std::erase(free_, block);
  }

  /// Gives the blocks an id, unless others have it.
  void name(std::uint32_t id, const std::vector<std::size_t>& unit) {
    if (!units_.emplace(id, unit).second) return;
    for (const std::size_t block : unit) blocks_[block].id = id;
  }

  /// A request leaves its blocks: those that nobody can find first, then the others, each from last to first.
  void leave(const std::vector<std::size_t>& table) {
    for (const bool named : {false, true}) {
      for (auto block = table.rbegin(); block != table.rend(); ++block) {
        if (blocks_[*block].id.has_value() != named) continue;
        if (--blocks_[*block].references == 0) free_.push_back(*block);
      }
    }
  }

 private:
  struct Block {
    int references = 0;
    std::optional<std::uint32_t> id;
  };
  std::vector<Block> blocks_;
  std::deque<std::size_t> free_;
  std::map<std::uint32_t, std::vector<std::size_t>> units_;
};

}  // namespace plimsoll::oracle
