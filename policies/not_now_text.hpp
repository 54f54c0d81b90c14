// Why a job does not start, for people.
#pragma once

#include <string>
#include <vector>

#include "policies/placement.hpp"

namespace plimsoll {

/// One line without a full stop: the reason, which filter turned away how many nodes, and what would have to free up
/// where. `node_names` are those of the view that the reason is about, `blocking_job` is the name of the job that it is
/// about, which is a number otherwise; empty for a job that starts.
std::string text_of(const NotNow& why, const std::vector<std::string>& node_names,
                    const std::string& blocking_job = "");

}  // namespace plimsoll
