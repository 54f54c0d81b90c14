// Single placements of the FGD study's program on 152 nodes, made again.
#pragma once

#include <filesystem>

#include "planner/tables/published_table.hpp"

namespace plimsoll {

/// One slice per deterministic policy: pods whose node and GPUs are both equal. Appends notes on what is absent.
void reproduce_mini152(const std::filesystem::path& folder, TableResult& result);

}  // namespace plimsoll
