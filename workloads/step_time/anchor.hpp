// What one or two measured load points of a deployment say about the operators' sum: the second rung of calibration.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/config/fields.hpp"
#include "workloads/step_time/calibration.hpp"
#include "workloads/step_time/measured_range.hpp"

namespace plimsoll {

/// Means of the loads that were measured, ends included: outside them a prediction extrapolates.
struct AnchorRange {
  double least = 0;
  double most = 0;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("least", &AnchorRange::least, "Smallest value measured.", required, 0.0, 1e9);
    visit("most", &AnchorRange::most, "Largest value measured.", required, 0.0, 1e9);
  }
};

/// The loads that an anchor was fitted at.
struct AnchoredLoads {
  AnchorRange concurrency;  ///< requests in flight
  AnchorRange prompt_tokens;
  AnchorRange output_tokens;
};

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
  std::optional<AnchoredLoads> loads{};  ///< of the points; nothing: they were single steps
};

/// What of a run an anchor covers.
inline std::vector<MeasuredRange> anchor_ranges(const Anchor& anchor) {
  if (!anchor.loads) return {};
  const auto range = [](LoadQuantity quantity, const AnchorRange& loads) {
    return MeasuredRange{quantity, "anchor", loads.least, loads.most};
  };
  return {range(LoadQuantity::requests_in_flight, anchor.loads->concurrency),
          range(LoadQuantity::mean_prompt_tokens, anchor.loads->prompt_tokens),
          range(LoadQuantity::mean_output_tokens, anchor.loads->output_tokens)};
}

}  // namespace plimsoll
