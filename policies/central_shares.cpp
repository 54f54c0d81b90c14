#include "policies/central_shares.hpp"

#include <algorithm>
#include <cmath>

#include "policies/cholesky.hpp"

namespace plimsoll {

namespace {

constexpr double kClosest = 1e-6;  ///< below the best level, relative
constexpr double kFaster =
    0.005;  ///< a stage's distance from the best level, of that of the one before
constexpr int kMostSteps = 60;    ///< of a stage; five or six are usual
constexpr double kFixed = 1e100;  ///< curvature of a share that stays 0
constexpr double kEnough =
    1e-6;  ///< of the gain that a step promises: the centre of the stage is reached

/// A slack, its change by a whole step, and how many jobs have it.
struct Slack {
  double now = 0;
  double change = 0;
  double jobs = 1;
};

/// How much of a step makes the product of the slacks largest: its logarithm is concave.
double best_length(const std::vector<Slack>& slacks) {
  double low = 0, high = 1e6;
  for (const Slack& slack : slacks)
    if (slack.change < 0) high = std::min(high, -slack.now / slack.change);
  double length = std::min(1.0, 0.9 * high);
  for (int i = 0; i < 30; ++i) {
    double slope = 0, bend = 0;
    for (const Slack& slack : slacks) {
      const double relative = slack.change / (slack.now + length * slack.change);
      slope += slack.jobs * relative;
      bend += slack.jobs * relative * relative;
    }
    (slope > 0 ? low : high) = length;
    const double next = length + slope / bend;
    const double guarded = next > low && next < high ? next : (low + high) / 2;
    if (std::abs(guarded - length) <= 1e-2 * length) return length;
    length = guarded;
  }
  return low;
}

/// Newton's method for the logarithm of the product of all slacks. Jobs share only the GPUs, so a step costs a small
/// system per class and one for all kinds.
class Centre {
 public:
  Centre(const std::vector<LikeJobs>& classes, const std::vector<double>& gpus)
      : gpus_(gpus), kinds_(gpus.size()), block_(kinds_ * kinds_) {
    for (std::size_t c = 0; c < classes.size(); ++c) {
      const auto& rate = classes[c].rate;
      if (std::any_of(rate.begin(), rate.end(), [](double r) { return r > 0; }))
        served_.push_back({&classes[c], c});
    }
    steps_.resize(served_.size() * kinds_);
    replies_.resize(served_.size() * kinds_ * kinds_);
  }

  /// Moves `shares`, which keep all rules with room to spare, to the centre.
  void find(Shares& shares, double level) {
    for (int step = 0; step < kMostSteps; ++step) {
      measure(shares, level);
      if (solve_step() <= kEnough) return;
      set_changes();
      const double length = best_length(slacks_);
      for (std::size_t i = 0; i < served_.size(); ++i)
        for (std::size_t k = 0; k < kinds_; ++k)
          if (served_[i].like->rate[k] > 0)
            shares[served_[i].row][k] += length * steps_[i * kinds_ + k];
    }
  }

 private:
  /// A class that some kind can run, and its row in Shares.
  struct Served {
    const LikeJobs* like = nullptr;
    std::size_t row = 0;
    double held() const { return like->jobs * like->gpus; }
  };

  /// Slacks: of each class its shares (1, which says nothing, where it cannot run), its idle time, its level; then the
  /// idle GPUs of each kind.
  void measure(const Shares& shares, double level) {
    slacks_.clear();
    idle_ = gpus_;
    for (const Served& served : served_) {
      double rest = 1, above = -level;
      const std::vector<double>& share = shares[served.row];
      for (std::size_t k = 0; k < kinds_; ++k) {
        rest -= share[k];
        above += served.like->rate[k] * share[k];
        idle_[k] -= served.held() * share[k];
        slacks_.push_back({served.like->rate[k] > 0 ? share[k] : 1, 0, served.like->jobs});
      }
      slacks_.push_back({rest, 0, served.like->jobs});
      slacks_.push_back({above, 0, served.like->jobs});
    }
    for (const double gpus : idle_) slacks_.push_back({gpus, 0, 1});
  }

  /// Leaves the step in steps_. Returns the gain that it promises, in logarithm.
  double solve_step() {
    std::vector<double> coupled(kinds_ * kinds_, 0.0), pull(kinds_, 0.0);
    for (std::size_t k = 0; k < kinds_; ++k) coupled[k * kinds_ + k] = idle_[k] * idle_[k];
    double gain = 0;
    for (std::size_t i = 0; i < served_.size(); ++i) {
      double* const step = &steps_[i * kinds_];
      double* const reply = &replies_[i * kinds_ * kinds_];
      set_block(i, step);
      const std::vector<double> gradient(step, step + kinds_);
      factor(block_.data(), kinds_);
      solve(block_.data(), kinds_, step);
      const double held = served_[i].held();
      for (std::size_t k = 0; k < kinds_; ++k) {
        gain += gradient[k] * step[k];
        pull[k] += held * step[k];
        double* const row = reply + k * kinds_;
        std::fill(row, row + kinds_, 0.0);
        row[k] = held;
        solve(block_.data(), kinds_, row);
        for (std::size_t l = 0; l < kinds_; ++l) coupled[k * kinds_ + l] += held * row[l];
      }
    }
    std::vector<double> price = pull;
    factor(coupled.data(), kinds_);
    solve(coupled.data(), kinds_, price.data());
    for (std::size_t k = 0; k < kinds_; ++k) gain -= pull[k] * price[k];
    for (std::size_t i = 0; i < served_.size(); ++i)
      for (std::size_t k = 0; k < kinds_; ++k)
        for (std::size_t l = 0; l < kinds_; ++l)
          steps_[i * kinds_ + l] -= replies_[(i * kinds_ + k) * kinds_ + l] * price[k];
    return gain;
  }

  /// Curvature, in block_, and gradient of class i.
  void set_block(std::size_t i, double* gradient) {
    const LikeJobs& like = *served_[i].like;
    const Slack* const slack = &slacks_[i * (kinds_ + 2)];
    const double rest = slack[kinds_].now, above = slack[kinds_ + 1].now;
    for (std::size_t k = 0; k < kinds_; ++k) {
      const double rate = like.rate[k], share = slack[k].now;
      for (std::size_t l = 0; l < kinds_; ++l)
        block_[k * kinds_ + l] =
            like.jobs * (1 / (rest * rest) + rate * like.rate[l] / (above * above));
      block_[k * kinds_ + k] += rate > 0 ? like.jobs / (share * share) : kFixed;
      gradient[k] = rate > 0 ? like.jobs * (1 / share - 1 / rest + rate / above) -
                                   served_[i].held() / idle_[k]
                             : 0;
    }
  }

  void set_changes() {
    Slack* const idle = &slacks_[served_.size() * (kinds_ + 2)];
    for (std::size_t i = 0; i < served_.size(); ++i) {
      Slack* const slack = &slacks_[i * (kinds_ + 2)];
      for (std::size_t k = 0; k < kinds_; ++k) {
        const double change = steps_[i * kinds_ + k], rate = served_[i].like->rate[k];
        if (rate > 0) slack[k].change = change;
        slack[kinds_].change -= change;
        slack[kinds_ + 1].change += rate * change;
        idle[k].change -= served_[i].held() * change;
      }
    }
  }

  const std::vector<double>& gpus_;
  std::size_t kinds_;
  std::vector<Served> served_;
  std::vector<Slack> slacks_;
  std::vector<double> idle_;
  std::vector<double> block_;    ///< of one class
  std::vector<double> steps_;    ///< [served][kind]
  std::vector<double> replies_;  ///< [served][kind]: to one more unit of its price
};

/// Goes a part of the way to the vertex, which has no room to spare.
void approach(Shares& shares, const Shares& vertex, double part) {
  for (std::size_t c = 0; c < shares.size(); ++c)
    for (std::size_t k = 0; k < shares[c].size(); ++k)
      shares[c][k] += part * (vertex[c][k] - shares[c][k]);
}

/// A little of every kind for everybody who can run there.
Shares everything(const std::vector<LikeJobs>& classes, const std::vector<double>& gpus) {
  std::vector<double> wanted(gpus.size(), 0);
  for (const LikeJobs& like : classes)
    for (std::size_t k = 0; k < gpus.size(); ++k)
      if (like.rate[k] > 0) wanted[k] += like.jobs * like.gpus;
  Shares shares(classes.size(), std::vector<double>(gpus.size(), 0));
  for (std::size_t c = 0; c < classes.size(); ++c)
    for (std::size_t k = 0; k < gpus.size(); ++k)
      if (classes[c].rate[k] > 0)
        shares[c][k] = std::min(1 / static_cast<double>(gpus.size()), gpus[k] / wanted[k]) / 2;
  return shares;
}

}  // namespace

Shares central_shares(const std::vector<LikeJobs>& classes, const std::vector<double>& gpus_by_kind,
                      const BestShares& best, double level) {
  if (best.level <= 0) return best.shares;
  Shares shares = everything(classes, gpus_by_kind);
  Centre centre(classes, gpus_by_kind);
  const double closest = std::max(kClosest, 1 - level / best.level);
  double distance = std::max(0.5, closest);
  approach(shares, best.shares, 1 - distance / 2);
  centre.find(shares, best.level * (1 - distance));
  while (distance > closest) {
    const double next = std::max(closest, distance * kFaster);
    approach(shares, best.shares, 1 - next / distance / 2);
    distance = next;
    centre.find(shares, best.level * (1 - distance));
  }
  return shares;
}

}  // namespace plimsoll
