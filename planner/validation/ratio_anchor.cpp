#include "planner/validation/ratio_anchor.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <tuple>

#include "core/portable_math.hpp"

namespace plimsoll {
namespace {

using Parameters = Eigen::Matrix<double, 4, 1>;  // logarithms in units of their priors
using Residuals = Eigen::Matrix<double, 6, 1>;
using Jacobian = Eigen::Matrix<double, 6, 4>;

constexpr int kSteps = 3;
constexpr double kProbe = 0.5;     // of finite differences: TTFT is a staircase over step times
constexpr double kFarthest = 4.0;  // standard deviations of a prior

RatioAnchor anchor_of(const Parameters& u) {
  return {portable::exp(0.15 * u[0]), portable::exp(0.4 * u[1]), portable::exp(0.25 * u[2]),
          portable::exp(0.4 * u[3])};
}

/// The anchors' errors in units of their noise, from sessions that end with the last of them.
class Misfit {
 public:
  Misfit(const RatioDeployment& deployment, const std::array<const RatioRow*, 2>& anchors,
         const SharedPrompts& shared)
      : deployment_(&deployment), anchors_(anchors), shared_(&shared) {
    for (const auto& session : deployment.sessions) {
      std::size_t needed = 0;
      for (std::size_t i = 0; i < session.size(); ++i)
        if (anchored(session[i])) needed = i + 1;
      if (needed > 0) sessions_.emplace_back(session.begin(), session.begin() + needed);
    }
  }

  Residuals operator()(const Parameters& u) const {
    Residuals residuals = Residuals::Zero();
    for (const auto& session : sessions_) {
      const auto times = simulate_session(deployment_->workers, anchor_of(u), session, *shared_);
      for (std::size_t i = 0; i < session.size(); ++i) {
        if (!anchored(session[i])) continue;
        const RatioRow& row = *session[i];
        residuals.segment<3>(&row == anchors_[0] ? 0 : 3)
            << portable::log(times[i].tokens_per_s / row.tokens_per_s) / 0.05,
            portable::log(times[i].tpot_ms / row.tpot_ms) / 0.03,
            portable::log(times[i].ttft_ms / row.ttft_ms) / 0.15;
      }
    }
    return residuals;
  }

  Jacobian jacobian(const Parameters& u, const Residuals& here) const {
    Jacobian jacobian;
    for (int i = 0; i < u.size(); ++i) {
      Parameters there = u;
      there[i] += kProbe;
      jacobian.col(i) = ((*this)(there)-here) / kProbe;
    }
    return jacobian;
  }

 private:
  bool anchored(const RatioRow* row) const { return row == anchors_[0] || row == anchors_[1]; }

  const RatioDeployment* deployment_;
  std::array<const RatioRow*, 2> anchors_;
  const SharedPrompts* shared_;
  std::vector<std::vector<const RatioRow*>> sessions_;
};

}  // namespace

std::optional<std::array<const RatioRow*, 2>> ratio_anchors(const RatioDeployment& deployment) {
  std::vector<const RatioRow*> runs;
  for (const auto& session : deployment.sessions)
    for (const RatioRow* row : session)
      if (row->complete) runs.push_back(row);
  if (runs.size() < 3) return std::nullopt;
  std::vector<std::int32_t> clients;
  for (const RatioRow* row : runs) clients.push_back(row->clients);
  std::nth_element(clients.begin(), clients.begin() + clients.size() / 2, clients.end());
  const std::int32_t middle = clients[clients.size() / 2];
  std::erase_if(runs, [&](const RatioRow* row) { return row->clients != middle; });
  if (runs.size() < 2) return std::nullopt;
  const auto [shortest, longest] =
      std::minmax_element(runs.begin(), runs.end(), [](const RatioRow* a, const RatioRow* b) {
        return std::tuple(a->nominal_prompt, a->answer_limit) <
               std::tuple(b->nominal_prompt, b->answer_limit);
      });
  return std::array{*shortest, *longest};
}

RatioAnchor fit_ratio_anchor(const RatioDeployment& deployment,
                             const std::array<const RatioRow*, 2>& anchors,
                             const SharedPrompts& shared) {
  const Misfit misfit(deployment, anchors, shared);
  Parameters u = Parameters::Zero();
  Residuals residuals = misfit(u);
  for (int i = 0; i < kSteps; ++i) {
    const Jacobian jacobian = misfit.jacobian(u, residuals);
    const Eigen::Matrix4d normal = jacobian.transpose() * jacobian + Eigen::Matrix4d::Identity();
    Parameters step = -normal.ldlt().solve(jacobian.transpose() * residuals + u);
    // Halved until it leads downhill.
    for (int halved = 0; halved < 3; ++halved, step *= 0.5) {
      const Parameters there = (u + step).cwiseMax(-kFarthest).cwiseMin(kFarthest);
      const Residuals now = misfit(there);
      if (now.squaredNorm() + there.squaredNorm() >= residuals.squaredNorm() + u.squaredNorm())
        continue;
      u = there;
      residuals = now;
      break;
    }
  }
  return anchor_of(u);
}

}  // namespace plimsoll
