// What makes a source of jobs wrong although each of its fields is right.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenario/checks.hpp"

namespace plimsoll {

/// Levels of a cluster's topology that a job may name, closest first.
std::vector<std::string> topology_levels();

/// `path`: "jobs.<name>".
void check_jobs(const std::string& path, const JobSourceConfig& jobs, const Scenario& scenario,
                const FieldFaults& faults);

}  // namespace plimsoll
