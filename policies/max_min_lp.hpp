// Shares of time on kinds of GPUs that make the least well-off job as well off as can be: the linear program of Gavel's
// policies (Narayanan et al., "Heterogeneity-Aware Cluster Scheduling Policies for Deep Learning Workloads", OSDI 2020,
// section 4).
#pragma once

#include <vector>

namespace plimsoll {

/// Jobs that are alike: equal gangs that get equally much from each kind. By symmetry they get the same.
struct LikeJobs {
  double jobs = 1;  ///< how many
  double gpus = 1;  ///< of one job's gang
  std::vector<double>
      rate;  ///< by kind of GPU: what all of a job's time there is worth to it; 0: cannot run there
};

/// [class][kind]: share of its time that a job of the class runs there. Shares keep these rules: none is below 0, a
/// job's are at most 1 together, and those of a kind, times jobs and gpus, at most its GPUs.
using Shares = std::vector<std::vector<double>>;

struct BestShares {
  double level = 0;  ///< of the least well-off class that can run at all: SUM_k rate_k X_k
  Shares shares;     ///< one of the best, at a vertex; classes without any rate get nothing
};

/// Maximises the level.
BestShares best_shares(const std::vector<LikeJobs>& classes,
                       const std::vector<double>& gpus_by_kind);

/// The rates by which Gavel's max-min fairness measures a job (section 4.1): its speed against that with an equal share
/// of all GPUs, times its GPUs, by its weight: a job of twice the weight is to get twice as far. `speed` by kind, in
/// any unit.
std::vector<double> max_min_rates(const std::vector<double>& speed, double gpus, double weight,
                                  const std::vector<double>& gpus_by_kind);

}  // namespace plimsoll
