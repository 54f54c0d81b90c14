// CPU-seconds of this process, part by part: where the time of a command went.
#pragma once

#include <ctime>
#include <string>
#include <utility>
#include <vector>

namespace plimsoll::cli {

inline double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

class PartTimes {
 public:
  /// What has been used since the last call belongs to `part`.
  void end_of(std::string part) {
    const double now = cpu_seconds();
    parts_.emplace_back(std::move(part), now - last_);
    last_ = now;
  }
  const std::vector<std::pair<std::string, double>>& parts() const { return parts_; }

 private:
  std::vector<std::pair<std::string, double>> parts_;
  double last_ = 0;  ///< from the start of the process: loading it belongs to the first part
};

}  // namespace plimsoll::cli
