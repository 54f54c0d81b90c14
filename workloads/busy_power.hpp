// What a GPU draws while a replica computes.
#pragma once

#include <cstdint>
#include <vector>

#include "core/quantity.hpp"
#include "workloads/step_time/calibration.hpp"

namespace plimsoll {

/// [n]: watts of one GPU in steps of n sequences, n = 1 ... max_num_seqs, at most `limit`; [0] is `idle`.
std::vector<double> busy_power_w(const PowerCoefficients& power, Watts idle, Watts limit,
                                 std::int32_t max_num_seqs);

}  // namespace plimsoll
