// The digest of a run: equal digests mean equal facts, on any number of threads, at any level of
// the engine.
#pragma once

#include <string>

#include "results/run_facts.hpp"

namespace plimsoll {

/// XXH3-128 as 32 hex digits over the facts alone: the end of the run and, pool by pool, the
/// requests, ITL runs, samples, replicas, and the hashes of decisions and view changes; where there
/// are jobs, their tables and names, those of nodes included. The text of the scenario, constants
/// (prices, powers) and the wall clock are not in it. Reads every field as little-endian integers.
std::string digest(const RunFacts& facts);

}  // namespace plimsoll
