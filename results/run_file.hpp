// A run on disk: one HDF5 file that holds the facts of a run and its summary, and nothing that
// differs between two runs of the same scenario, seed and version: equal facts are equal bytes.
//
//   /                      attributes: format, format_version, version, digest, seed, end_ns, ...
//   /scenario/yaml         the resolved scenario
//   /pools/<name>          attributes: the pool's constants and hashes (PoolFacts)
//   /pools/<name>/requests/*, kv_transfers/*, itl_runs/*, samples/*, replicas/*
//                          one column per field, each with its unit and description
//   /pools/<name>/replica_busy/{replica, sequences, busy_ns}, power/busy_power_w,
//                          prefill_power/busy_power_w
//   /jobs                  of a run with jobs; attributes: scheduling, estimates, cycles, conflicts
//   /jobs/jobs/*           one row per job, in the order of submission; its status has the attribute
//                          "names", of which a value is the index
//   /jobs/runs/*           one row per stretch of running on one placement, in the order of starts
//   /jobs/placements/*     what runs held of nodes: of a run, rows first_placement and on
//   /jobs/samples/*        the use of GPUs, a row wherever it changes
//   /jobs/nodes/*, reasons/*
//                          nodes as jobs may use them; why pending and rejected jobs do not run
//   /jobs/names, node_names, node_gpus, reason_texts
//                          text, a line per row of jobs, nodes, nodes and reasons, each ended by a
//                          line feed; in it, backslash, line feed and NUL are "\\", "\n", "\0".
//                          In Python: file["/jobs/names"].asstr()[()].split("\n")[:-1]
//   /jobs/sources, queues, users, reason_names, mig_profiles
//                          likewise: lists of which columns of jobs, reasons and placements hold
//                          the index
//   /summary/total/<metric>, /summary/pools/<name>/<metric>, /summary/jobs/<metric>
//                          attributes: low, high, samples; absent: why the value is NaN
#pragma once

#include <filesystem>

#include "results/run_facts.hpp"
#include "results/summary.hpp"

namespace plimsoll {

struct RunFileOptions {
  bool compress = false;  ///< gzip: a smaller file for ten times the time
};

/// Writes `path` as a PartialFile does: whole or not at all. `summary` may be null. Throws IoError.
void write_run(const std::filesystem::path& path, const RunFacts& facts, const Summary* summary,
               RunFileOptions options = {});

/// The facts in a file of write_run. Throws IoError: unreadable, not a run of ours, of another
/// version of the format, truncated or damaged. (A flipped bit within a column shows when
/// digest(facts) differs from facts.digest.) Starts and slopes of ITL runs come back exactly below
/// 2^51 ticks (34 s), above with a relative error of 2^-52.
RunFacts read_run(const std::filesystem::path& path);

}  // namespace plimsoll
