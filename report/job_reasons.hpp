// Why jobs do not run, in the order in which people ask: those that wait, the longest first, then those rejected.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "results/job_facts.hpp"

namespace plimsoll::report {

/// Rows of JobTables::reasons: pending jobs, the one that waited longest in front, then rejected ones, as submitted.
std::vector<std::uint32_t> reasons_in_order(const JobTables& jobs);

/// How many jobs of `status` have each reason, the most frequent in front.
std::vector<std::pair<std::string, std::uint64_t>> reason_counts(const JobTables& jobs,
                                                                 JobStatus status);

/// For people: what the scheduler said, or that it has not come to the job.
std::string text_of(const JobReasonFact& reason);

}  // namespace plimsoll::report
