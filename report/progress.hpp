// A live line of progress on a terminal.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace plimsoll {

/// How far a run is. Wall time is told by the caller: this library reads no clock.
struct Progress {
  double simulated_s = 0;
  double horizon_s = 0;        ///< beyond it the run drains
  std::uint64_t requests = 0;  ///< simulated so far
  double wall_s = 0;
};

/// "[########        ]  50 %  30 min 0 s simulated  512,000 requests/s  ETA 1.20 s", at most 79 columns.
std::string progress_line(const Progress& progress);

/// Redraws one line, at most ten times a second of wall time; silent where the stream is no terminal.
class ProgressBar {
 public:
  explicit ProgressBar(std::FILE* stream);
  void update(const Progress& progress);
  void clear();  ///< leaves the line empty, for what is printed next

 private:
  std::FILE* stream_;
  bool live_;
  bool drawn_ = false;
  double next_wall_s_ = 0;
};

}  // namespace plimsoll
