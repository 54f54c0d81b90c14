#include "core/random_stream.hpp"

namespace plimsoll {
namespace {

constexpr std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xBF58476D1CE4E5B9u;
  x ^= x >> 27;
  x *= 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

}  // namespace

std::uint64_t stable_hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 0xCBF29CE484222325u ^ mix(seed + 0x9E3779B97F4A7C15u);
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3u;
  }
  return mix(hash);
}

RandomStream::RandomStream(std::uint64_t seed, std::string_view path, std::string_view purpose)
    : key_(stable_hash(purpose, stable_hash(path, seed))) {}

}  // namespace plimsoll
