#include "policies/max_min_lp.hpp"

#include <ClpSimplex.hpp>
#include <algorithm>
#include <cstddef>
#include <numeric>

#include "core/assert.hpp"

namespace plimsoll {

namespace {

bool any_rate(const LikeJobs& like) {
  return std::any_of(like.rate.begin(), like.rate.end(), [](double rate) { return rate > 0; });
}

/// Columns: the level, then class by class a share per kind. Rows: level and time of each class, then the GPUs of each
/// kind.
class MaxMinProgram {
 public:
  MaxMinProgram(const std::vector<LikeJobs>& classes, const std::vector<double>& gpus)
      : classes_(classes), gpus_(gpus) {
    const std::size_t rows = 2 * classes.size() + gpus.size();
    lower_.assign(rows, -COIN_DBL_MAX);
    upper_.assign(rows, COIN_DBL_MAX);
    for (std::size_t c = 0; c < classes.size(); ++c) add(c);
    for (std::size_t k = 0; k < gpus.size(); ++k) upper_[2 * classes.size() + k] = gpus[k];
  }

  BestShares solve() {
    const std::size_t columns = 1 + classes_.size() * gpus_.size();
    const CoinPackedMatrix matrix(true, row_.data(), column_.data(), value_.data(),
                                  static_cast<CoinBigIndex>(value_.size()));
    std::vector<double> most(columns, 1.0);
    std::vector<double> objective(columns, 0.0);
    most[0] = COIN_DBL_MAX;
    objective[0] = -1;
    ClpSimplex program;
    program.setLogLevel(0);
    program.loadProblem(matrix, nullptr, most.data(), objective.data(), lower_.data(),
                        upper_.data());
    program.dual();
    PLIMSOLL_ASSERT(program.isProvenOptimal(), "a max-min program of {} classes has status {}",
                    classes_.size(), program.status());
    BestShares best;
    const double* solution = program.getColSolution();
    best.level = *solution++;
    for (std::size_t c = 0; c < classes_.size(); ++c) {
      best.shares.emplace_back(solution, solution + gpus_.size());
      for (double& share : best.shares.back()) share = std::clamp(share, 0.0, 1.0);
      solution += gpus_.size();
    }
    return best;
  }

 private:
  void put(std::size_t row, std::size_t column, double value) {
    row_.push_back(static_cast<int>(row));
    column_.push_back(static_cast<int>(column));
    value_.push_back(value);
  }

  void add(std::size_t c) {
    const LikeJobs& like = classes_[c];
    if (any_rate(like)) {
      put(2 * c, 0, -1);
      lower_[2 * c] = 0;
    }
    upper_[2 * c + 1] = 1;
    for (std::size_t k = 0; k < gpus_.size(); ++k) {
      const std::size_t column = 1 + c * gpus_.size() + k;
      if (like.rate[k] > 0) put(2 * c, column, like.rate[k]);
      put(2 * c + 1, column, 1);
      put(2 * classes_.size() + k, column, like.jobs * like.gpus);
    }
  }

  const std::vector<LikeJobs>& classes_;
  const std::vector<double>& gpus_;
  std::vector<int> row_, column_;
  std::vector<double> value_, lower_, upper_;
};

}  // namespace

BestShares best_shares(const std::vector<LikeJobs>& classes,
                       const std::vector<double>& gpus_by_kind) {
  if (!std::any_of(classes.begin(), classes.end(), any_rate))
    return {0, Shares(classes.size(), std::vector<double>(gpus_by_kind.size(), 0.0))};
  return MaxMinProgram(classes, gpus_by_kind).solve();
}

std::vector<double> max_min_rates(const std::vector<double>& speed, double gpus, double weight,
                                  const std::vector<double>& gpus_by_kind) {
  const double all = std::accumulate(gpus_by_kind.begin(), gpus_by_kind.end(), 0.0);
  double fair = 0;
  for (std::size_t k = 0; k < speed.size(); ++k) fair += speed[k] * gpus_by_kind[k] / all;
  std::vector<double> rates = speed;
  for (double& rate : rates) rate *= fair > 0 ? gpus / weight / fair : 0;
  return rates;
}

}  // namespace plimsoll
