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
std::string summary_json(const RunFacts& facts, const Summary& summary);

}  // namespace plimsoll
