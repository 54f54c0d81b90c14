// The production replica alone, fed by hand: for tests that compare it with the reference.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/gateway.hpp"
#include "sim/replica.hpp"
#include "workloads/arrival_stream.hpp"

namespace plimsoll::oracle {

/// What one replica told about the requests that it served.
struct ServedByOne {
  std::vector<FinishedRequest> requests;  ///< by request
  std::vector<ItlRun> itl_runs;
  ReplicaFact fact;
  std::int64_t kv_most_used = 0;

  /// All gaps between tokens, sorted: what the runs stand for, token by token.
  std::vector<Ticks> sorted_gaps() const {
    std::vector<Ticks> gaps;
    for (const ItlRun& run : itl_runs) {
      for (std::uint32_t j = 0; j < run.count; ++j) {
        gaps.insert(gaps.end(), run.sequences, run.start_ticks + run.slope_ticks * j);
      }
    }
    std::sort(gaps.begin(), gaps.end());
    return gaps;
  }
};

/// Lets requests land at `arrivals` (sorted by time) and runs until all are served.
inline ServedByOne serve_by_one(const ReplicaSetup& setup, const std::vector<Arrival>& arrivals) {
  Slot<Replica> slot{Replica(setup, 0), 2};
  Outbox outbox;
  ServedByOne served;
  served.requests.resize(arrivals.size());
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    slot.entity.send({arrivals[i].at, static_cast<std::uint32_t>(i), arrivals[i].prompt_tokens,
                      arrivals[i].output_tokens, arrivals[i].prefix});
  }
  SimTime now{};
  while (true) {
    const bool lands = !slot.entity.wire().empty();
    const SimTime landing = lands ? slot.entity.wire().front().lands_at : kNever;
    const SimTime wake = slot.entity.wakes_at();
    if (std::min(landing, wake) == kNever) break;
    now = std::min(landing, wake);
    served.kv_most_used =
        std::max<std::int64_t>(served.kv_most_used, slot.entity.read(now).kv_used_blocks);
    Context<Replica> context(now, slot, outbox);
    if (landing <= wake) {
      slot.entity.on(RequestArrived{}, context);
    } else {
      slot.entity.on(StepDone{slot.entity.generation()}, context);
    }
    outbox.clear();
    slot.entity.check_blocks();
  }
  slot.entity.close(now);
  for (const FinishedRequest& request : slot.entity.finished()) {
    served.requests[request.request] = request;
  }
  served.itl_runs = slot.entity.itl_runs();
  served.fact = slot.entity.fact();
  return served;
}

}  // namespace plimsoll::oracle
