// All validation sets that a data folder holds, run and judged.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "planner/validation/suite.hpp"
#include "planner/validation/table.hpp"

namespace plimsoll {

/// Runs the named sets; those whose folder is absent are listed as such. `only`: names of sets; empty: all.
/// Throws ConfigError: a data folder that does not exist or holds none of the sets, an unknown set, a set asked for by
/// name without its folder, and whatever is wrong with the data.
ValidationRun run_validation(const std::filesystem::path& data,
                             const std::vector<std::string>& only,
                             const std::vector<Expectation>& expectations,
                             ValidationContext& context);

}  // namespace plimsoll
