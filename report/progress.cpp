// The line is drawn over itself: carriage return, text, erase to the end (ECMA-48 EL).
#include "report/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "report/format.hpp"

namespace plimsoll {

std::string progress_line(const Progress& progress) {
  constexpr int kWidth = 16;
  constexpr std::size_t kColumns = 79;  // a longer line would wrap, and could not be drawn over
  const double share =
      progress.horizon_s > 0 ? std::clamp(progress.simulated_s / progress.horizon_s, 0.0, 1.0) : 0;
  const std::string bar(static_cast<std::size_t>(share * kWidth), '#');
  std::string line = fmt::format("[{:<{}}] {:3.0f} %  {} simulated", bar, kWidth, share * 100,
                                 report::duration_text(progress.simulated_s));
  if (progress.wall_s > 0) {
    const double rate = static_cast<double>(progress.requests) / progress.wall_s;
    line += fmt::format("  {} requests/s", report::count_text(rate));
  }
  if (share >= 1) {
    line += "  draining";
  } else if (share > 0) {
    const double left_s = progress.wall_s * (1 - share) / share;
    line += fmt::format("  ETA {}", report::duration_text(left_s));
  }
  return line.substr(0, kColumns);
}

ProgressBar::ProgressBar(std::FILE* stream) : stream_(stream), live_(isatty(fileno(stream)) == 1) {}

void ProgressBar::update(const Progress& progress) {
  constexpr double kInterval = 0.1;
  if (!live_ || progress.wall_s < next_wall_s_) return;
  next_wall_s_ = progress.wall_s + kInterval;
  drawn_ = true;
  fmt::print(stream_, "\r{}\x1b[K", progress_line(progress));
  std::fflush(stream_);
}

void ProgressBar::clear() {
  if (!drawn_) return;
  drawn_ = false;
  fmt::print(stream_, "\r\x1b[K");
  std::fflush(stream_);
}

}  // namespace plimsoll
