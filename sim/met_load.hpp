// What the replicas of a run met, beside what their step times were measured over.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "results/run_facts.hpp"
#include "workloads/step_time/measured_range.hpp"

namespace plimsoll {

/// Replicas of one deployment, and the requests that they served, rejected ones left out.
struct ServedLoad {
  std::span<const ReplicaFact> replicas;
  std::span<const RequestFact> requests;
  double requests_in_flight = 0;  ///< per replica, over time
  bool one_rank = true;           ///< a replica's batch is that of its one attention rank
};

/// The sentences of left_ranges: what lies outside `measured`.
std::vector<std::string> left_ranges(std::span<const MeasuredRange> measured,
                                     const ServedLoad& load);

/// Which part of its requests' lives a group of replicas has them.
enum class ServedPart : std::uint8_t { whole, until_first_token, from_first_token };

/// Requests that a pool's group of so many replicas has at a time, the mean over the run.
double mean_in_flight(std::span<const RequestFact> requests, ServedPart part, std::size_t replicas,
                      std::int64_t end_ns);

}  // namespace plimsoll
