// What a deployment's step times rest on that nobody measured.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "workloads/step_time/operator_sum.hpp"
#include "workloads/step_time/replica_operators.hpp"

namespace plimsoll {

/// One sentence, beginning with "extrapolating: ", for each operator of the recipe that `measured`
/// has no law of its kind for, or that the shape's limits take beyond the law's outermost knots.
/// `gpu` is its name.
std::vector<std::string> step_time_extrapolations(const ReplicaRecipe& recipe,
                                                  const OperatorLaws& measured,
                                                  const StepShape& shape, std::string_view gpu);

}  // namespace plimsoll
