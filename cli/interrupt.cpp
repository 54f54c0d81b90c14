#include "cli/interrupt.hpp"

namespace plimsoll::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;  // all that a signal handler may touch

void note(int) { interrupted = 1; }

}  // namespace

Interrupt::Interrupt() {
  struct sigaction action{};
  action.sa_handler = note;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_int_);
  sigaction(SIGTERM, &action, &old_term_);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &old_int_, nullptr);
  sigaction(SIGTERM, &old_term_, nullptr);
}

bool Interrupt::requested() const { return interrupted != 0; }

}  // namespace plimsoll::cli
