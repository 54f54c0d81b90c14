// Named random streams: a stream is (seed, stable path of its entity, purpose), never a thread or an address,
// so adding an entity changes nobody else's draws and paired scenarios share common random numbers.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/philox.hpp"

namespace plimsoll {

/// A 64-bit hash of text, the same on every machine (FNV-1a, then the splitmix64 finalizer).
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0);

/// A double in (0, 1): never 0, so that a logarithm of it is finite.
constexpr double unit_interval(std::uint64_t bits) {
  return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
}

/// A stateless stream: `bits(i)` is draw i. Copying it costs 8 bytes.
class RandomStream {
 public:
  RandomStream() = default;
  /// `path` such as "pools/chat/gateway", `purpose` such as "arrivals".
  RandomStream(std::uint64_t seed, std::string_view path, std::string_view purpose);

  /// Draw `index`, of which there may be several kinds told apart by `lane`.
  constexpr std::uint64_t bits(std::uint64_t index, std::uint64_t lane = 0) const {
    return philox(key_, index, lane)[0];
  }
  constexpr double uniform(std::uint64_t index, std::uint64_t lane = 0) const {
    return unit_interval(bits(index, lane));
  }
  constexpr std::array<std::uint64_t, 2> block(std::uint64_t index, std::uint64_t lane = 0) const {
    return philox(key_, index, lane);
  }

 private:
  std::uint64_t key_ = 0;
};

/// A whole number in [0, bound) from 64 random bits (bias below 2^-32 for bounds below 2^32).
constexpr std::uint32_t below(std::uint32_t bound, std::uint64_t bits) {
  return static_cast<std::uint32_t>(((bits >> 32) * bound) >> 32);
}

}  // namespace plimsoll
