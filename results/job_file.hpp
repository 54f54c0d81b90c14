// The jobs of a run in its file: the group /jobs, which results/run_file.hpp describes.
#pragma once

#include "results/hdf5.hpp"
#include "results/job_facts.hpp"

namespace plimsoll {

void write_jobs(hdf5::Writer& file, const JobTables& jobs);

/// Refuses tables of which a row names another that is not there.
JobTables read_jobs(const hdf5::Reader& file);

}  // namespace plimsoll
