// What a scheduler knows of a job. Not among it: how long it will really run.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/time.hpp"
#include "policies/placement.hpp"
#include "workloads/step_time/job_report.hpp"

namespace plimsoll {

enum class JobPhase : std::uint8_t { pending, running, finished };

/// How long a job will run, as others say. A policy declares the kind that it reads; `oracle` is the truth, which
/// published tables need: every result that used it is labelled, and the advisor refuses it.
enum class EstimateKind : std::uint8_t { none, user, predicted, oracle };

/// One row of the table of jobs, which are in the order in which they were submitted.
struct JobView {
  std::uint32_t id = 0;  ///< its row; the subject of a policy's random draws
  std::uint32_t queue = 0;
  std::uint32_t user = 0;
  std::int32_t priority = 0;  ///< higher is more important
  bool preemptible = true;
  SimTime submitted_at{};

  std::vector<SubGang> gang;  ///< all its workers start together or not at all
  /// Elastic jobs: gang has one entry, and any number of its workers in [min_workers, max_workers] will do.
  std::int32_t min_workers = 0;
  std::int32_t max_workers = 0;
  std::int8_t required_level =
      -1;  ///< level of topology in one domain of which all workers must run; -1: none
  std::int8_t preferred_level = -1;  ///< the same, where possible
  std::optional<Duration>
      estimate;  ///< of its running time in all, of the kind that the policy declared

  JobPhase phase = JobPhase::pending;
  SimTime started_at{};  ///< of the current run
  Duration executed{};   ///< running time before it
  Duration attained{};   ///< GPUs x running time before it
  std::int32_t starts = 0;
  Placement placement;  ///< while it runs
  JobReport report;     ///< of a running job as of this cycle, where the policy reads reports

  bool elastic() const { return min_workers != max_workers; }
  /// GPUs that the gang asks for.
  std::int32_t gpus() const;
  /// GPUs that it holds.
  std::int32_t held_gpus() const;
  Duration executed_until(SimTime now) const {
    return phase == JobPhase::running ? executed + (now - started_at) : executed;
  }
  /// GPUs x running time so far; beyond 2.5 million GPU hours, that much.
  Duration attained_until(SimTime now) const;
};

}  // namespace plimsoll
