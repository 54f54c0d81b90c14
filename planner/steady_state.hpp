// One replica under a constant load, in closed form: what a trial is going to say, roughly, before it is run.
#pragma once

#include <cstdint>

#include "workloads/serving_deployment.hpp"

namespace plimsoll {

/// The mean request of a load.
struct MeanRequest {
  double prompt_tokens = 1;
  double output_tokens = 1;
};

struct SteadyState {
  double ttft_s = 0;
  double tpot_s = 0;  ///< 0 for requests of one token
};

/// `concurrency` requests, always, evenly spread over contexts and attention ranks: each lives through its own decode
/// steps and the prefills of the others. Exact for one request at a time whose prompt fits in one step; queueing for
/// KV blocks and for the front end are left out, so a crowded replica is worse than this says.
SteadyState steady_state(const ServingDeployment& deployment, const MeanRequest& request,
                         std::int32_t concurrency);

}  // namespace plimsoll
