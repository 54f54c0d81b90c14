// What an operator can know of a job's speed: profiles of its kind, and what the running job reports of itself.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "workloads/step_time/goodput_model.hpp"

namespace plimsoll {

/// Measured beforehand. What is not known is empty.
struct JobSpeed {
  std::vector<double> step_s;       ///< [n - 1]: a step on n workers, packed on few nodes
  std::vector<double> steps_per_s;  ///< by kind of GPU, with the gang that it asks for; 0: cannot
  std::optional<GoodputModel> goodput;
};

/// As of a scheduling cycle.
struct JobReport {
  std::shared_ptr<const JobSpeed> speed;  ///< the same for all jobs of a kind
  double remaining_steps = 0;
  GradientStats gradient;
};

}  // namespace plimsoll
