// The wall clock, for choosing how to run and for reports. It never reaches a result.
#pragma once

#include <chrono>

namespace plimsoll {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace plimsoll
