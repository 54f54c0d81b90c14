// Advice from recorded views: the registered policies, outside the simulator, given the views that a recording holds.
#pragma once

#include <iosfwd>
#include <string>

#include "policies/registry.hpp"

namespace plimsoll {

/// Reads a recording (policies/recording.hpp) from `input`, gives its views to fresh instances of the policies that it
/// names, and writes one decision line per recorded request to `output`. On a recording of a run these are the run's
/// own decision lines, byte for byte.
/// `source` names the input in faults. Throws ConfigError on a malformed line, an unknown policy, pool or replica.
void replay_recording(std::istream& input, const std::string& source,
                      const PolicyRegistry& registry, std::ostream& output);

}  // namespace plimsoll
