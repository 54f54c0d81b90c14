// The summary of a run as one JSON object.
#pragma once

#include <string>

#include "results/summary.hpp"

namespace plimsoll {

/// {"version", "seed", "digest", "total": {...}, "pools": {name: {"model", "gpu", "routing",
/// "step_time_level", "extrapolations": [sentence], ...}}}: each metric under its key, null where it
/// is undefined; "intervals_95" has [low, high] by key (null: beyond the data), "absent" the reason
/// by key, "samples" the number of values behind each quantile. Indented, ends in a newline; text
/// that is not UTF-8 is mended with U+FFFD.
///
/// A run with jobs has "jobs" beside it: {"scheduling", "estimates", "sources", "nodes", metrics as above,
/// "reasons": why pending and rejected jobs do not run, the longest-waiting first, at most 1,000,
/// "reasons_left_out": how many more}. A reason: {"job", "status", "source", "queue", "user", "gpus", "queued_s",
/// "reason", "blocking_job": name or null, "nearest_node": null or {"node", "missing_gpus", "missing_cpus",
/// "missing_memory_bytes"}, "text", "nodes_turned_away": {"unschedulable", "gpu_kind", "gpus", "cpu", "memory"}}.
std::string summary_json(const RunFacts& facts, const Summary& summary);

}  // namespace plimsoll
