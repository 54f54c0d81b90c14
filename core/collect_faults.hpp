// Going on after a fault, so that all of them are reported at once.
#pragma once

#include <vector>

#include "core/error.hpp"

namespace plimsoll {

/// Runs `attempt`; the faults of a ConfigError that it throws join the others.
template <class Attempt>
void collect_faults(std::vector<Fault>& faults, const Attempt& attempt) {
  try {
    attempt();
  } catch (const ConfigError& error) {
    faults.insert(faults.end(), error.faults().begin(), error.faults().end());
  }
}

}  // namespace plimsoll
