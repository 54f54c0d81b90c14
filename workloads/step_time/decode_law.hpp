// The time of a pure decode iteration of n sequences, by their total context: up to three straight
// pieces.
#pragma once

#include <cstdint>
#include <limits>

#include "workloads/step_time/step_time.hpp"

namespace plimsoll {

/// gpu(S) = base + growing S + capped min(S, capped_until), in ticks.
struct GpuDecodeLaw {
  Ticks base = 0;
  Ticks growing = 0;
  Ticks capped = 0;
  std::int64_t capped_until = 0;

  Ticks at(std::int64_t context) const {
    return base + growing * context + capped * (context < capped_until ? context : capped_until);
  }
};

/// max(gpu(S), host) + overhead: flat while the host is slower, then the GPU's pieces.
class DecodeLaw {
 public:
  DecodeLaw() = default;
  DecodeLaw(const GpuDecodeLaw& gpu, Ticks host, Ticks overhead)
      : gpu_(gpu), host_(host + overhead), host_until_(first_above(gpu, host)) {
    gpu_.base += overhead;
    beyond_ = gpu_.base + gpu_.capped * gpu_.capped_until;
  }

  DecodeLine line(std::int64_t context) const {
    if (context < host_until_) return {host_, 0, host_until_};
    if (context < gpu_.capped_until)
      return {gpu_.base, gpu_.growing + gpu_.capped, gpu_.capped_until};
    return {beyond_, gpu_.growing};
  }

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  /// The least context at which start + slope * context >= level.
  static std::int64_t crossing(Ticks start, Ticks slope, Ticks level) {
    if (start >= level) return 0;
    return slope > 0 ? (level - start + slope - 1) / slope : kNever;
  }
  static std::int64_t first_above(const GpuDecodeLaw& gpu, Ticks host) {
    const std::int64_t first = crossing(gpu.base, gpu.growing + gpu.capped, host);
    if (first <= gpu.capped_until) return first;
    return crossing(gpu.base + gpu.capped * gpu.capped_until, gpu.growing, host);
  }

  GpuDecodeLaw gpu_;  ///< the overhead included
  Ticks beyond_ = 0;  ///< at context 0, of the piece after capped_until
  Ticks host_ = 0;    ///< the overhead included
  std::int64_t host_until_ = 0;
};

}  // namespace plimsoll
