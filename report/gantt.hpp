// The runs of jobs as the Gantt chart draws them, as compact as a page needs them.
#pragma once

#include <cstddef>

#include "report/page_json.hpp"
#include "results/run_facts.hpp"

namespace plimsoll::report {

/// Most that a page holds: beyond it, runs of the least GPU time are left out, and the page says how many.
struct GanttLimits {
  std::size_t runs = 60'000;
  std::size_t shares = 200'000;
};

/// {"tick_s": length of a tick,
///  "nodes": {"name", "gpus", "first_gpu", "gpu": index into "kinds", "kinds": [name]},
///  "jobs": {"name", "gpus", "priority", "source", "queue", "user", "submit", "preemptions", "status"}: of drawn runs,
///  "runs": {"job": index into "jobs", "from", "length", "open": indices of those still running, "shares": how many},
///  "shares": {"node", "mask", "milli"}: in the order of runs,
///  "left_out": {"runs", "gpu_time_share"}}
/// Columns are lists; times are whole ticks. "milli" is null where every GPU is taken whole.
Json gantt_json(const JobTables& jobs, std::int64_t end_ns, GanttLimits limits = {});

}  // namespace plimsoll::report
