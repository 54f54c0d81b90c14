// Writes arrivals in our own format, the one that traces/formats/csv.cpp reads.
#pragma once

#include <string>

#include "workloads/arrival_stream.hpp"

namespace plimsoll {

/// Writes all that `arrivals` still yields, compressed when the name ends in ".zst". The file appears under its name
/// whole or not at all; throws IoError, and then leaves no file of its own behind.
void write_trace(ArrivalStream& arrivals, const std::string& path);

}  // namespace plimsoll
