// One link shared evenly by the transfers that run on it at the same time.
//
// Between two changes (a transfer starts or ends) each of n transfers moves rate / n. A transfer ends at the first
// whole nanosecond at which nothing of it is left. State changes at starts and ends alone, never because somebody
// looks: however often it is asked, it answers the same.
#pragma once

#include <cstdint>
#include <vector>

#include "core/quantity.hpp"

namespace plimsoll {

class SharedBandwidth {
 public:
  explicit SharedBandwidth(BytesPerSecond rate) : bytes_per_ns_(rate.count() * 1e-9) {}

  /// `size` > 0; what ended by `now_ns` has been taken.
  void start(std::int64_t now_ns, std::uint16_t holder, Bytes size);
  /// When the next transfer ends; the largest number when none runs.
  std::int64_t next_done_ns() const;
  /// Adds to `holders` those whose transfers have ended by `now_ns`, in that order; of one time, as they started.
  void take_done(std::int64_t now_ns, std::vector<std::uint16_t>& holders);

 private:
  struct Transfer {
    std::uint16_t holder;
    double left;  ///< bytes, at `since_ns_`
  };
  /// The transfer of which least is left, the first of equals; there is one.
  std::vector<Transfer>::const_iterator least() const;
  void advance(std::int64_t now_ns);

  double bytes_per_ns_;
  std::int64_t since_ns_ = 0;  ///< of the last change
  std::vector<Transfer> transfers_;
};

}  // namespace plimsoll
