// The jobs' part of the page's data.
#pragma once

#include "report/page_json.hpp"
#include "results/run_facts.hpp"

namespace plimsoll::report {

/// Of a run with jobs: what report/job_page.js and report/job_gantt.js draw.
Json job_page_json(const RunFacts& facts, const SummarySection& section);

}  // namespace plimsoll::report
