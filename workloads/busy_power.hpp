// What a GPU draws while a replica computes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/quantity.hpp"
#include "workloads/step_time/calibration.hpp"

namespace plimsoll {

/// A curve to use for a deployment, and what it is of where it is of something else.
struct MeasuredPower {
  PowerCoefficients curve;
  std::string note;  ///< "what llama-3.1-70b in bf16 on 4 of them does"; empty: the very deployment
};

/// The curve of the same model, number format and cut; or of the nearest (model, then format, then
/// cut); or, where nothing was measured, one from 0.6 to 0.9 of `limit`, steepest at about 80
/// sequences.
MeasuredPower power_of(const std::vector<PowerCoefficients>& measured, std::string_view model,
                       std::string_view dtype, std::int32_t tensor_parallel, Watts idle,
                       Watts limit);

/// [n]: watts of one GPU in steps of n sequences, n = 1 ... max_num_seqs, at most `limit`; [0] is
/// `idle`.
std::vector<double> busy_power_w(const PowerCoefficients& power, Watts idle, Watts limit,
                                 std::int32_t max_num_seqs);

}  // namespace plimsoll
