// Shares of time on kinds of GPUs that make the least well-off job as well off as can be: Gavel's max-min fairness
// (Narayanan et al., "Heterogeneity-Aware Cluster Scheduling Policies for Deep Learning Workloads", OSDI 2020, section
// 4.1) as a linear program.
#pragma once

#include <cstdint>
#include <vector>

namespace plimsoll {

/// Jobs that are alike: equal gangs of equal speed. By symmetry they get the same.
struct LikeJobs {
  double jobs = 1;            ///< how many
  double gpus = 1;            ///< of one job's gang
  double weight = 1;          ///< a job of twice the weight is to get twice as far
  std::vector<double> speed;  ///< by kind of GPU, in any unit; 0: cannot run there
};

/// [class][kind]: share of its time that a job runs there. Maximises the minimum over classes of
///   gpus / weight * SUM_k speed_k X_k / SUM_k speed_k N_k / N,  N_k the GPUs of a kind, N of all,
/// with SUM_k X_k <= 1 for each job and SUM jobs gpus X_k <= N_k for each kind. Classes without any speed get nothing.
std::vector<std::vector<double>> max_min_shares(const std::vector<LikeJobs>& classes,
                                                const std::vector<double>& gpus_by_kind);

}  // namespace plimsoll
