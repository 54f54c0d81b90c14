// A running 64-bit hash over facts as they happen: one multiply per word, the same on every machine.
#pragma once

#include <bit>
#include <cstdint>

namespace plimsoll {

/// The hash after one more word.
constexpr std::uint64_t fact_hash(std::uint64_t hash, std::uint64_t word) {
  return std::rotl((hash ^ word) * 0x9E3779B97F4A7C15u, 29) + 0xD1B54A32D192ED03u;
}

}  // namespace plimsoll
