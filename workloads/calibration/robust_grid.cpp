#include "workloads/calibration/robust_grid.hpp"

#include <Eigen/SparseCholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/assert.hpp"
#include "core/portable_math.hpp"

namespace plimsoll {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using SparseMatrix = Eigen::SparseMatrix<double>;

constexpr int kFolds = 5;
constexpr int kMostIterations = 25;
constexpr int kMostHalvings = 6;
constexpr double kConverged = 1e-4;
constexpr double kMostStep = 1.0;    // of a logarithm, per iteration
constexpr double kFirstHuber = 0.5;  // while the start is still far off
constexpr double kFlatness = 0.01;   // first differences against second ones: no trend without data
constexpr double kTwoKnots = 0.1;    // of an axis that has no second difference
constexpr double kRidge = 1e-9;

struct Corner {
  int unknown = 0;
  double weight = 0;
};

/// Where each row stands on the grid of one term: the corners of its cell, multilinear as FittedGrid::factor.
class TermBasis {
 public:
  TermBasis(const GridTerm& term, std::size_t rows, int first);

  int unknowns() const { return unknowns_; }
  int first() const { return first_; }
  const Corner* begin(std::size_t row) const { return corners_.data() + row * per_row_; }
  const Corner* end(std::size_t row) const { return begin(row) + per_row_; }
  double log_factor(std::size_t row, const VectorXd& logs) const {
    double sum = 0;
    for (const Corner* corner = begin(row); corner != end(row); ++corner)
      sum += corner->weight * logs[corner->unknown];
    return sum;
  }

 private:
  int first_;
  int unknowns_ = 1;
  std::size_t per_row_;
  std::vector<Corner> corners_;
};

TermBasis::TermBasis(const GridTerm& term, std::size_t rows, int first)
    : first_(first), per_row_(std::size_t{1} << term.axes.size()) {
  for (const GridAxis& axis : term.axes) unknowns_ *= static_cast<int>(axis.knots.size());
  corners_.reserve(rows * per_row_);
  std::vector<Corner> cell;
  for (std::size_t row = 0; row < rows; ++row) {
    cell.assign(1, {0, 1.0});
    for (std::size_t a = 0; a < term.axes.size(); ++a) {
      const std::vector<double>& knots = term.axes[a].knots;
      const double at =
          std::clamp(term.coordinates[row * term.axes.size() + a], knots.front(), knots.back());
      auto above = std::upper_bound(knots.begin(), knots.end(), at);
      if (above == knots.end()) --above;
      const auto upper = static_cast<int>(above - knots.begin());
      const int lower = std::max(0, upper - 1);
      const double share = upper == lower
                               ? 0.0
                               : portable::log(at / knots[static_cast<std::size_t>(lower)]) /
                                     portable::log(*above / knots[static_cast<std::size_t>(lower)]);
      const auto stride = static_cast<int>(knots.size());
      const std::size_t corners = cell.size();
      for (std::size_t c = 0; c < corners; ++c) {
        const Corner corner = cell[c];
        cell[c] = {corner.unknown * stride + lower, corner.weight * (1 - share)};
        cell.push_back({corner.unknown * stride + upper, corner.weight * share});
      }
    }
    for (Corner corner : cell) corners_.push_back({first + corner.unknown, corner.weight});
  }
}

/// Adds weight * (sum of coefficients * unknowns)^2 to a quadratic form.
void add_square(MatrixXd& form, std::initializer_list<Corner> terms, double weight) {
  for (const Corner& a : terms)
    for (const Corner& b : terms) form(a.unknown, b.unknown) += weight * a.weight * b.weight;
}

/// The penalty of one line of knots along an axis; `unknown(i)` numbers the i-th knot.
template <class Unknown>
void add_line(MatrixXd& form, const std::vector<double>& knots, double weight, Unknown&& unknown) {
  const double octave = portable::log(2.0);
  for (std::size_t i = 0; i + 1 < knots.size(); ++i) {
    const double slope = octave / portable::log(knots[i + 1] / knots[i]);
    const double flat = knots.size() == 2 ? kTwoKnots : kFlatness;
    add_square(form, {{unknown(i), -slope}, {unknown(i + 1), slope}}, weight * flat);
    if (i == 0) continue;
    const double before = octave / portable::log(knots[i] / knots[i - 1]);
    add_square(form,
               {{unknown(i - 1), before}, {unknown(i), -before - slope}, {unknown(i + 1), slope}},
               weight);
  }
}

void add_roughness(MatrixXd& form, const GridTerm& term, int first, double weight) {
  int inner = 1;
  std::size_t size = 1;
  for (const GridAxis& axis : term.axes) size *= axis.knots.size();
  for (std::size_t a = term.axes.size(); a-- > 0;) {
    const auto count = static_cast<int>(term.axes[a].knots.size());
    for (int line = 0; line < static_cast<int>(size) / count; ++line) {
      const int start = first + line / inner * inner * count + line % inner;
      add_line(form, term.axes[a].knots, weight,
               [&](std::size_t i) { return start + static_cast<int>(i) * inner; });
    }
    inner *= count;
  }
}

/// A problem laid out for solving again and again with other rows.
class GridSolver {
 public:
  explicit GridSolver(const GridProblem& problem);

  VectorXd solve(const std::vector<double>& weight) const;
  double log_time(std::size_t row, const VectorXd& logs) const;
  double log_error(std::size_t row, const VectorXd& logs) const {
    return log_time(row, logs) - portable::log(problem_.time_us[row]);
  }
  std::vector<FittedGrid> grids(const VectorXd& logs) const;

 private:
  VectorXd start(const std::vector<double>& weight) const;
  double loss(const VectorXd& logs, const std::vector<double>& weight, double huber) const;
  void add_row(std::size_t row, double weight, const VectorXd& logs, MatrixXd& form,
               VectorXd& gradient) const;

  const GridProblem& problem_;
  std::vector<TermBasis> bases_;
  int unknowns_ = 0;
  MatrixXd roughness_;
};

GridSolver::GridSolver(const GridProblem& problem) : problem_(problem) {
  const std::size_t rows = problem.time_us.size();
  for (const GridTerm& term : problem.terms) {
    PLIMSOLL_ASSERT(term.scale.size() == rows && term.coordinates.size() == rows * term.axes.size(),
                    "{} rows, {} scales, {} coordinates", rows, term.scale.size(),
                    term.coordinates.size());
    bases_.emplace_back(term, rows, unknowns_);
    unknowns_ += bases_.back().unknowns();
  }
  roughness_ = MatrixXd::Identity(unknowns_, unknowns_) * kRidge;
  for (std::size_t t = 0; t < bases_.size(); ++t)
    add_roughness(roughness_, problem.terms[t], bases_[t].first(),
                  problem.terms[t].smoothness * static_cast<double>(rows) /
                      static_cast<double>(bases_[t].unknowns()));
}

// Each term as the low end of what it would be alone; a single one, as the middle.
VectorXd GridSolver::start(const std::vector<double>& weight) const {
  VectorXd logs(unknowns_);
  for (std::size_t t = 0; t < bases_.size(); ++t) {
    std::vector<double> alone;
    for (std::size_t row = 0; row < weight.size(); ++row)
      if (weight[row] > 0 && problem_.terms[t].scale[row] > 0)
        alone.push_back(portable::log(problem_.time_us[row] / problem_.terms[t].scale[row]));
    const double low = alone.empty() ? 0.0 : quantile(alone, bases_.size() == 1 ? 0.5 : 0.05);
    logs.segment(bases_[t].first(), bases_[t].unknowns()).setConstant(low);
  }
  return logs;
}

double GridSolver::log_time(std::size_t row, const VectorXd& logs) const {
  double sum = 0;
  for (std::size_t t = 0; t < bases_.size(); ++t)
    sum += problem_.terms[t].scale[row] * portable::exp(bases_[t].log_factor(row, logs));
  return portable::log(sum);
}

void GridSolver::add_row(std::size_t row, double weight, const VectorXd& logs, MatrixXd& form,
                         VectorXd& gradient) const {
  std::array<Corner, 32> slopes;  // of the logarithm of the time
  std::size_t count = 0;
  const double total = portable::exp(log_time(row, logs));
  for (std::size_t t = 0; t < bases_.size(); ++t) {
    const double share =
        problem_.terms[t].scale[row] * portable::exp(bases_[t].log_factor(row, logs)) / total;
    for (const Corner* c = bases_[t].begin(row); c != bases_[t].end(row); ++c)
      if (c->weight * share > 0) slopes[count++] = {c->unknown, c->weight * share};
  }
  const double error = log_error(row, logs);
  for (std::size_t a = 0; a < count; ++a) {
    gradient[slopes[a].unknown] += weight * slopes[a].weight * error;
    for (std::size_t b = 0; b < count; ++b)
      form(slopes[b].unknown, slopes[a].unknown) += weight * slopes[a].weight * slopes[b].weight;
  }
}

double GridSolver::loss(const VectorXd& logs, const std::vector<double>& weight,
                        double huber) const {
  double sum = logs.dot(roughness_ * logs);
  for (std::size_t row = 0; row < weight.size(); ++row) {
    if (weight[row] <= 0) continue;
    const double off = std::abs(log_error(row, logs));
    sum += weight[row] * (off > huber ? huber * (2 * off - huber) : off * off);
  }
  return sum;
}

// Gauss-Newton, reweighted at each iteration; a step that makes matters worse is halved. A single term is linear in its
// logarithms: its steps are always good.
VectorXd GridSolver::solve(const std::vector<double>& weight) const {
  VectorXd logs = start(weight);
  Eigen::SimplicialLDLT<SparseMatrix> solver;
  const bool linear = bases_.size() == 1;
  for (int iteration = 0; iteration < kMostIterations; ++iteration) {
    MatrixXd form = roughness_;
    VectorXd gradient = roughness_ * logs;
    const double huber = iteration < 3 ? kFirstHuber : problem_.huber;
    for (std::size_t row = 0; row < weight.size(); ++row) {
      if (weight[row] <= 0) continue;
      const double off = std::abs(log_error(row, logs));
      add_row(row, off > huber ? weight[row] * huber / off : weight[row], logs, form, gradient);
    }
    const SparseMatrix sparse = form.sparseView();
    solver.compute(sparse);
    VectorXd step = solver.solve(gradient).cwiseMax(-kMostStep).cwiseMin(kMostStep);
    const double before = linear ? 0 : loss(logs, weight, huber);
    for (int i = 0; !linear && i < kMostHalvings && loss(logs - step, weight, huber) > before; ++i)
      step /= 2;
    logs -= step;
    if (iteration > 3 && step.cwiseAbs().maxCoeff() < kConverged) break;
  }
  return logs;
}

std::vector<FittedGrid> GridSolver::grids(const VectorXd& logs) const {
  std::vector<FittedGrid> grids;
  for (std::size_t t = 0; t < bases_.size(); ++t) {
    const double* first = logs.data() + bases_[t].first();
    grids.push_back({problem_.terms[t].axes, {first, first + bases_[t].unknowns()}});
  }
  return grids;
}

/// Configurations in ascending order are dealt to the folds, neighbours to different ones; rows are where there are
/// fewer configurations than folds.
std::vector<int> folds_of(const std::vector<std::int64_t>& configuration) {
  std::vector<std::int64_t> known = configuration;
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::vector<int> folds;
  for (std::size_t row = 0; row < configuration.size(); ++row) {
    const auto place =
        std::lower_bound(known.begin(), known.end(), configuration[row]) - known.begin();
    const std::size_t number = known.size() < kFolds ? row : static_cast<std::size_t>(place);
    folds.push_back(static_cast<int>(number * 3 % kFolds));
  }
  return folds;
}

std::vector<double> held_out_errors(const GridProblem& problem, const GridSolver& solver) {
  const double full = *std::max_element(problem.weight.begin(), problem.weight.end());
  const std::vector<int> folds = folds_of(problem.configuration);
  std::vector<double> errors;
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<double> weight = problem.weight;
    for (std::size_t row = 0; row < weight.size(); ++row)
      if (folds[row] == fold) weight[row] = 0;
    if (std::accumulate(weight.begin(), weight.end(), 0.0) <= 0) continue;
    const VectorXd logs = solver.solve(weight);
    for (std::size_t row = 0; row < weight.size(); ++row)
      if (folds[row] == fold && problem.weight[row] >= full)
        errors.push_back(std::abs(portable::exp(solver.log_error(row, logs)) - 1));
  }
  return errors;
}

}  // namespace

double quantile(std::vector<double> values, double q) {
  PLIMSOLL_ASSERT(!values.empty(), "a quantile of nothing");
  const auto place = static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[static_cast<std::size_t>(place)];
}

GridFit fit_grids(const GridProblem& problem) {
  const GridSolver solver(problem);
  GridFit fit;
  fit.grids = solver.grids(solver.solve(problem.weight));
  const std::vector<double> errors = held_out_errors(problem, solver);
  if (errors.empty()) return fit;
  fit.median_error = quantile(errors, 0.5);
  fit.p90_error = quantile(errors, 0.9);
  return fit;
}

}  // namespace plimsoll
