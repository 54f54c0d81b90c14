// A MIG partition as placement reckons with it: what it takes of a GPU, and where it may begin.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace plimsoll {

/// One profile on one kind of GPU.
struct MigFit {
  std::int32_t gpu_milli = 0;  ///< its part of the compute slices; 0: this kind has no such profile
  std::uint8_t slices = 0;     ///< memory slices that it takes if it begins at 0, a bit each
  std::uint8_t starts = 0;     ///< bit s: it may begin at memory slice s
};

/// By profile of the cluster's list.
using MigFits = std::vector<MigFit>;

/// The memory slices that the partition gets on a GPU of which `taken` are taken: the last start that is free, which
/// leaves low slices for profiles that may only begin there. 0: none is free.
constexpr std::uint8_t free_mig_slices(const MigFit& fit, std::uint8_t taken) {
  for (unsigned starts = fit.starts; starts != 0;) {
    const int start = std::bit_width(starts) - 1;
    const unsigned slices = static_cast<unsigned>(fit.slices) << start;
    if ((slices & taken) == 0) return static_cast<std::uint8_t>(slices);
    starts ^= 1U << start;
  }
  return 0;
}

}  // namespace plimsoll
