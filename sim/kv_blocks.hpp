// The KV blocks of one replica, counted: what decoding sequences will need over the next iterations, in closed form.
//
// A sequence with c computed tokens holds ceil(c / block) blocks, so an iteration takes one more for each sequence
// whose c is a multiple of the block size. As all decoding sequences grow by one token per iteration, a histogram of
// c modulo the block size says how many that will be in any iteration to come.
#pragma once

#include <cstdint>
#include <vector>

namespace plimsoll {

class KvBlocks {
 public:
  KvBlocks(std::int64_t capacity, std::int32_t block_tokens)
      : capacity_(capacity),
        block_(block_tokens),
        residues_(static_cast<std::size_t>(block_tokens), 0) {}

  std::int64_t capacity() const { return capacity_; }
  std::int64_t used() const { return used_; }
  std::int64_t free() const { return capacity_ - used_; }
  std::int64_t blocks_for(std::int64_t tokens) const { return (tokens + block_ - 1) / block_; }

  void take(std::int64_t blocks) { used_ += blocks; }
  void give_back(std::int64_t blocks) { used_ -= blocks; }

  /// A sequence starts (stops) decoding with `computed` tokens while `index` decode iterations have been done.
  void join(std::int64_t computed, std::int64_t index) {
    ++residues_[residue(computed, index)];
    ++decoding_;
  }
  void leave(std::int64_t computed, std::int64_t index) {
    --residues_[residue(computed, index)];
    --decoding_;
  }

  /// New blocks that `steps` decode iterations need, the first of them having number `index`.
  std::int64_t needed(std::int64_t index, std::int64_t steps) const {
    std::int64_t blocks = steps / block_ * decoding_;
    std::size_t slot = residue(0, index);
    for (std::int64_t i = steps % block_; i > 0; --i) {
      blocks += residues_[slot];
      slot = slot == 0 ? residues_.size() - 1 : slot - 1;
    }
    return blocks;
  }

  /// The most iterations, at most `limit`, that need no more than `available` new blocks.
  std::int64_t steps_within(std::int64_t index, std::int64_t available, std::int64_t limit) const {
    if (decoding_ * (limit / block_ + 1) <= available) return limit;
    std::int64_t steps = available / decoding_ * block_;  // whole periods surely fit
    if (steps >= limit) return limit;
    std::int64_t left = available - available / decoding_ * decoding_;
    std::size_t slot = residue(0, index + steps);
    while (steps < limit && residues_[slot] <= left) {
      left -= residues_[slot];
      slot = slot == 0 ? residues_.size() - 1 : slot - 1;
      ++steps;
    }
    return steps;
  }

 private:
  std::size_t residue(std::int64_t computed, std::int64_t index) const {
    const std::int64_t r = (computed - index) % block_;
    return static_cast<std::size_t>(r < 0 ? r + block_ : r);
  }

  std::int64_t capacity_;
  std::int64_t block_;
  std::int64_t used_ = 0;
  std::int64_t decoding_ = 0;
  std::vector<std::uint32_t> residues_;
};

}  // namespace plimsoll
