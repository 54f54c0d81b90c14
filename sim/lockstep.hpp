// Iterations of attention ranks that wait for each other at every layer: each takes as long as the slowest rank's.
#pragma once

#include <span>

#include "sim/engine_rank.hpp"

namespace plimsoll {

/// What the ranks run together: the slowest one's iterations, until any rank's plan ends or another becomes the
/// slowest. A rank with nothing to run takes part with a dummy batch, which never is. Of two equally slow ranks the one
/// that grows faster counts, so that single iterations and long runs are cut into the same lines.
IterationPlan in_lockstep(std::span<const IterationPlan> plans);

}  // namespace plimsoll
