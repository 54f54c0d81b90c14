// plimsoll trace fit-jobs and synthesize-jobs.
#pragma once

#include <string>
#include <vector>

namespace plimsoll::cli {

int fit_jobs_command(const std::vector<std::string>& words);
int synthesize_jobs_command(const std::vector<std::string>& words);

}  // namespace plimsoll::cli
