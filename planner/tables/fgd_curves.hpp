// What an experiment of the FGD study is summed up to: means at each percent of demand, as its scripts make them.
// Source: hkust-adsl/kubernetes-scheduler-simulator, experiments/analysis/merge_*_discrete.py.
#pragma once

#include <array>
#include <cstdint>

#include "planner/tables/fgd_experiment.hpp"
#include "planner/tables/fgd_rows.hpp"

namespace plimsoll {

/// By load point, in percent: what is allocated, of all GPUs; what is lost to fragmentation, of all GPUs, and of the
/// free ones. Means over the pods that arrived at that load, of values with two decimals as the study logs them.
struct FgdCurves {
  LoadCurve allocation{};
  LoadCurve lost{};
  LoadCurve ratio{};
};

/// Rounds to two decimals as printf does: the exact decimal value decides, half to even.
double round_to_cents(double value);

class FgdCurveMaker {
 public:
  explicit FgdCurveMaker(std::int64_t gpus) : gpus_(static_cast<double>(gpus)) {}
  void add(const AfterPod& after);
  /// A load at which no pod arrived has the mean of its neighbours.
  FgdCurves curves() const;

 private:
  struct Sum {
    double allocation = 0;
    double lost_milli = 0;
    double ratio = 0;
    std::int64_t pods = 0;
  };
  double gpus_;
  std::array<Sum, kLoadPoints> sums_{};
};

}  // namespace plimsoll
