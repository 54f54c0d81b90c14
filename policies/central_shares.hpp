// Of all shares of time that are good enough, the central ones: where an interior-point solver ends.
#pragma once

#include "policies/max_min_lp.hpp"

namespace plimsoll {

/// A linear program's best shares are rarely the only ones: a vertex has most jobs on one kind of GPU only, and leaves
/// others without a share of what is to spare. These are the analytic centre of all that keep the rules of `LikeJobs`
/// and give each job at least `level`: they maximise the product of all slacks, one of each kind for every job. `best`
/// is what best_shares() found; the level ends a millionth below its own at most.
Shares central_shares(const std::vector<LikeJobs>& classes, const std::vector<double>& gpus_by_kind,
                      const BestShares& best, double level);

}  // namespace plimsoll
