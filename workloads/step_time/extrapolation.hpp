// What a deployment's step times rest on that nobody measured, and up to where the rest was.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "workloads/step_time/measured_range.hpp"
#include "workloads/step_time/operator_sum.hpp"
#include "workloads/step_time/replica_operators.hpp"

namespace plimsoll {

struct MeasuredScope {
  /// One, beginning with "extrapolating: ", for each operator of the recipe that was not measured: no law of its kind,
  /// or matrices outside the law's widths and depths. They hold for every run.
  std::vector<std::string> sentences;
  /// Where the others' laws end, in what a run meets.
  std::vector<MeasuredRange> ranges;
};

/// Of the laws of the GPU called `gpu`, and of the shape's anchor.
MeasuredScope measured_scope(const ReplicaRecipe& recipe, const OperatorLaws& measured,
                             const StepShape& shape, std::string_view gpu);

}  // namespace plimsoll
