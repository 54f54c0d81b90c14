// Ctrl-C and SIGTERM as a question that a long command asks now and then.
#pragma once

#include <csignal>

namespace plimsoll::cli {

/// While it lives, the two signals set a flag instead of killing the process.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool requested() const;

 private:
  struct sigaction old_int_{};
  struct sigaction old_term_{};
};

}  // namespace plimsoll::cli
