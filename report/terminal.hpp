// The summary of a run as text for a terminal, below 100 columns.
#pragma once

#include <string>

#include "results/summary.hpp"

namespace plimsoll {

/// What ran, then a block per pool (one pool: a single block), one for the whole cluster and one for jobs, each where
/// there are any; ends in a newline.
std::string render_summary(const RunFacts& facts, const Summary& summary);

}  // namespace plimsoll
