// How one replica is cut into GPUs.
#pragma once

#include <cstdint>

namespace plimsoll {

/// Degrees as serving engines name them. A replica has `data` attention ranks, each with a scheduler and a KV cache of
/// its own and spread over `tensor` GPUs and `pipeline` stages; the experts of a mixture are spread over the
/// tensor * data GPUs of a stage: in `expert` groups of whole experts, each cut tensor * data / expert ways.
struct Parallelism {
  std::int32_t tensor = 1;
  std::int32_t pipeline = 1;
  std::int32_t expert = 1;  ///< divides tensor * data
  std::int32_t data = 1;

  constexpr std::int32_t gpus() const { return tensor * pipeline * data; }
  /// Ways that each expert's matrices are cut.
  constexpr std::int32_t expert_tensor() const { return tensor * data / expert; }

  friend bool operator==(const Parallelism&, const Parallelism&) = default;
};

}  // namespace plimsoll
