// A run as one HTML page that needs nothing else: no network, no other file.
#pragma once

#include <string>

#include "results/summary.hpp"

namespace plimsoll {

/// The page with the summary, latency distributions, time lines and the resolved scenario: equal facts, equal bytes.
/// Text of the run reaches the page as data only; markup in it stays text.
std::string render_html(const RunFacts& facts, const Summary& summary);

}  // namespace plimsoll
