#include "policies/max_min_lp.hpp"

#include <ClpSimplex.hpp>
#include <algorithm>
#include <cstddef>
#include <numeric>

#include "core/assert.hpp"

namespace plimsoll {

namespace {

/// Columns: the least well-being, then class by class a share per kind. Rows: well-being and time of each class, then
/// the GPUs of each kind.
class MaxMinProgram {
 public:
  MaxMinProgram(const std::vector<LikeJobs>& classes, const std::vector<double>& gpus)
      : classes_(classes), gpus_(gpus) {
    const double all = std::accumulate(gpus.begin(), gpus.end(), 0.0);
    const auto rows = static_cast<int>(2 * classes.size() + gpus.size());
    lower_.assign(static_cast<std::size_t>(rows), -COIN_DBL_MAX);
    upper_.assign(static_cast<std::size_t>(rows), COIN_DBL_MAX);
    for (std::size_t c = 0; c < classes.size(); ++c) add(c, all);
    for (std::size_t k = 0; k < gpus.size(); ++k) upper_[2 * classes.size() + k] = gpus[k];
  }

  std::vector<std::vector<double>> solve() {
    const auto columns = static_cast<int>(1 + classes_.size() * gpus_.size());
    const CoinPackedMatrix matrix(true, row_.data(), column_.data(), value_.data(),
                                  static_cast<CoinBigIndex>(value_.size()));
    std::vector<double> most(static_cast<std::size_t>(columns), 1.0);
    std::vector<double> objective(static_cast<std::size_t>(columns), 0.0);
    most[0] = COIN_DBL_MAX;
    objective[0] = -1;
    ClpSimplex program;
    program.setLogLevel(0);
    program.loadProblem(matrix, nullptr, most.data(), objective.data(), lower_.data(),
                        upper_.data());
    program.dual();
    PLIMSOLL_ASSERT(program.isProvenOptimal(), "a max-min program of {} classes has status {}",
                    classes_.size(), program.status());
    std::vector<std::vector<double>> shares;
    const double* solution = program.getColSolution() + 1;
    for (std::size_t c = 0; c < classes_.size(); ++c) {
      shares.emplace_back(solution, solution + gpus_.size());
      for (double& share : shares.back()) share = std::clamp(share, 0.0, 1.0);
      solution += gpus_.size();
    }
    return shares;
  }

 private:
  void put(std::size_t row, std::size_t column, double value) {
    row_.push_back(static_cast<int>(row));
    column_.push_back(static_cast<int>(column));
    value_.push_back(value);
  }

  void add(std::size_t c, double all) {
    const LikeJobs& like = classes_[c];
    double proportional = 0;
    for (std::size_t k = 0; k < gpus_.size(); ++k) proportional += like.speed[k] * gpus_[k] / all;
    if (proportional > 0) {
      put(2 * c, 0, -1);
      lower_[2 * c] = 0;
    }
    upper_[2 * c + 1] = 1;
    for (std::size_t k = 0; k < gpus_.size(); ++k) {
      const std::size_t column = 1 + c * gpus_.size() + k;
      if (proportional > 0)
        put(2 * c, column, like.gpus * like.speed[k] / proportional / like.weight);
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

std::vector<std::vector<double>> max_min_shares(const std::vector<LikeJobs>& classes,
                                                const std::vector<double>& gpus_by_kind) {
  const bool any = std::any_of(classes.begin(), classes.end(), [](const LikeJobs& like) {
    return std::any_of(like.speed.begin(), like.speed.end(), [](double s) { return s > 0; });
  });
  if (!any) return std::vector(classes.size(), std::vector<double>(gpus_by_kind.size(), 0.0));
  return MaxMinProgram(classes, gpus_by_kind).solve();
}

}  // namespace plimsoll
