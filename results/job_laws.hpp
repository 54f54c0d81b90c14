// Laws that the jobs of every run keep, checked from the facts alone.
#pragma once

#include <string>
#include <vector>

#include "results/run_facts.hpp"

namespace plimsoll {

/// Where the jobs of a run that ended at `end_ns` break a law, one sentence each:
///   runs of a job are in order and disjoint, follow its submission, and make up its times, starts and preemptions;
///   pending time + running time = time from submission to finish, or to the run's end; a rejected job never ran;
///   no GPU is held beyond 1,000 thousandths, and none that a node does not have;
///   a sample says what the runs say, wherever anything changes;
///   each pending and each rejected job has one reason, and no other job has.
std::vector<std::string> check_jobs(const JobTables& jobs, std::int64_t end_ns);

}  // namespace plimsoll
