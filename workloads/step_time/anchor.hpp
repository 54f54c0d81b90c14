// What one or two measured load points of a deployment say about the operators' sum: the second rung of calibration.
#pragma once

#include <cstdint>

#include "workloads/step_time/calibration.hpp"

namespace plimsoll {

/// Applied to a deployment's step times: a step of decoding takes `decode_scale` times the operators' time plus
/// `step_offset`; one that prefills, `prefill_scale` times the prefill's share of it.
struct Anchor {
  double decode_scale = 1;   ///< of the time of decode work, in (0, 10]
  double prefill_scale = 1;  ///< of the time that prompt tokens add, in (0, 10]
  Seconds step_offset{};     ///< per step, may be negative down to minus the engine's own overhead
  Seconds
      prefill_floor{};  ///< least time of a step that prefills: what the host takes to launch it
  Seconds front_end{};  ///< per request, before the engine has it
  Seconds front_end_per_token{};  ///< per prompt token, likewise
  std::int32_t points = 0;  ///< measured points that it rests on; 0: none, all of the above neutral
};

}  // namespace plimsoll
