// A pool's replica as the models of engines and GPUs know it.
#pragma once

#include "scenario/resolve.hpp"
#include "workloads/serving_deployment.hpp"

namespace plimsoll {

/// What the pool's options ask for, its anchor included. Throws ConfigError at `engine.anchor`, for a file that was
/// fitted to another deployment, and for the faults of that file.
ServingSpec serving_spec(const ResolvedScenario& resolved, const ResolvedPool& pool);

/// Those of its prefill replicas, which it has: anchored by their own engine's anchor, or, where they have no engine of
/// their own, by the pool's if it was fitted to what they are.
ServingSpec prefill_spec(const ResolvedScenario& resolved, const ResolvedPool& pool);

/// The same without its anchor: what an anchor is fitted to.
ServingSpec unanchored_spec(const ResolvedScenario& resolved, const ResolvedPool& pool);

}  // namespace plimsoll
