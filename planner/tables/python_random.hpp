// The random numbers of Python's `random.Random(seed)`, so that workloads which published studies drew with it can be
// drawn again: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), seeded by its init_by_array.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace plimsoll {

class PythonRandom {
 public:
  explicit PythonRandom(std::uint32_t seed) {
    start(19650218);
    std::size_t i = 1;
    for (std::size_t k = 0; k < kSize; ++k) {
      state_[i] = (state_[i] ^ (mixed(i) * 1664525U)) + seed;
      advance(i);
    }
    for (std::size_t k = 0; k + 1 < kSize; ++k) {
      state_[i] = (state_[i] ^ (mixed(i) * 1566083941U)) - static_cast<std::uint32_t>(i);
      advance(i);
    }
    state_[0] = 0x80000000U;
  }

  /// In [0, 1), 53 bits: random().
  double random() {
    const std::uint32_t high = next() >> 5, low = next() >> 6;
    return (high * 67108864.0 + low) * (1.0 / 9007199254740992.0);
  }
  /// uniform(a, b)
  double uniform(double a, double b) { return a + (b - a) * random(); }
  /// The index that choice() takes of `count` > 0 items.
  std::uint32_t below(std::uint32_t count) {
    const int bits = std::bit_width(count);
    std::uint32_t drawn = next() >> (32 - bits);
    while (drawn >= count) drawn = next() >> (32 - bits);
    return drawn;
  }

 private:
  static constexpr std::size_t kSize = 624;
  static constexpr std::size_t kShift = 397;

  void start(std::uint32_t seed) {
    state_[0] = seed;
    for (std::size_t i = 1; i < kSize; ++i)
      state_[i] =
          1812433253U * (state_[i - 1] ^ (state_[i - 1] >> 30)) + static_cast<std::uint32_t>(i);
  }
  std::uint32_t mixed(std::size_t i) const { return state_[i - 1] ^ (state_[i - 1] >> 30); }
  void advance(std::size_t& i) {
    if (++i < kSize) return;
    state_[0] = state_[kSize - 1];
    i = 1;
  }

  std::uint32_t next() {
    if (at_ == kSize) refill();
    std::uint32_t word = state_[at_++];
    word ^= word >> 11;
    word ^= (word << 7) & 0x9d2c5680U;
    word ^= (word << 15) & 0xefc60000U;
    return word ^ (word >> 18);
  }
  void refill() {
    for (std::size_t i = 0; i < kSize; ++i) {
      const std::uint32_t joined =
          (state_[i] & 0x80000000U) | (state_[(i + 1) % kSize] & 0x7fffffffU);
      state_[i] = state_[(i + kShift) % kSize] ^ (joined >> 1) ^ ((joined & 1) * 0x9908b0dfU);
    }
    at_ = 0;
  }

  std::array<std::uint32_t, kSize> state_{};
  std::size_t at_ = kSize;
};

}  // namespace plimsoll
