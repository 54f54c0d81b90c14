// How long one iteration of a serving engine takes: the interface between cost models and replicas.
//
// A time is a whole number of ticks of 2^-16 ns, and a pure decode iteration is linear in the total context with
// whole-number coefficients. So k iterations of an unchanged batch have an exact sum in closed form, and stepping
// them one by one gives the same nanoseconds (docs/architecture.md, "Macro-steps").
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "core/time.hpp"

namespace plimsoll {

/// Time in units of 2^-16 ns.
using Ticks = std::int64_t;
inline constexpr int kTickBits = 16;
inline constexpr Ticks kTicksPerNanosecond = Ticks{1} << kTickBits;

/// Rounds to the nearest tick. Coefficients are rounded once, when a model is built; sums of ticks are exact.
constexpr Ticks ticks_from_seconds(double seconds) {
  const double ticks = seconds * 1e9 * static_cast<double>(kTicksPerNanosecond);
  return static_cast<Ticks>(ticks < 0 ? ticks - 0.5 : ticks + 0.5);
}
constexpr double seconds_from_ticks(Ticks ticks) {
  return static_cast<double>(ticks) * (1e-9 / static_cast<double>(kTicksPerNanosecond));
}

/// A pure decode iteration of a fixed number of sequences: base + per_context_token * context, where context is the
/// sum over sequences of the tokens attended to (the new one included), valid while context < context_end.
struct DecodeLine {
  Ticks base = 0;
  Ticks per_context_token = 0;
  std::int64_t context_end = std::numeric_limits<std::int64_t>::max();

  constexpr Ticks at(std::int64_t context) const { return base + per_context_token * context; }
};

/// New tokens of one prompt, on top of those already in the KV cache.
struct PrefillChunk {
  std::int32_t new_tokens = 0;
  std::int32_t cached_tokens = 0;
};

/// An iteration that prefills: the chunks, and the decoding sequences that share it.
struct MixedBatch {
  std::span<const PrefillChunk> prefill;
  std::int32_t decode_sequences = 0;
  std::int64_t decode_context = 0;     ///< as in DecodeLine
  std::int32_t sampled_sequences = 0;  ///< sequences that get a token from this iteration
};

/// A pure, immutable model: same batch, same ticks, on every machine. Shared by entities (as truth) and policies (as
/// predictions).
class StepTimeModel {
 public:
  virtual ~StepTimeModel() = default;
  /// The piece of the decode law that holds at `context`; sequences >= 1.
  virtual DecodeLine decode(std::int32_t sequences, std::int64_t context) const = 0;
  virtual Ticks mixed(const MixedBatch& batch) const = 0;
};

}  // namespace plimsoll
