// Set pd_ratio_h200: prefill and decode workers in several ratios, SGLang, gpt-oss-120b on eight H200s.
#include <fmt/format.h>

#include <array>
#include <map>
#include <optional>

#include "planner/in_parallel.hpp"
#include "planner/validation/ratio_anchor.hpp"
#include "planner/validation/ratio_model.hpp"
#include "planner/validation/ratio_rows.hpp"
#include "planner/validation/suite.hpp"

namespace plimsoll {
namespace {

/// One ratio of workers, its rows' predictions without and with an anchor.
struct RatioStudy {
  RatioDeployment deployment;
  std::optional<std::array<const RatioRow*, 2>> anchors;
  std::map<const RatioRow*, RatioTimes> unanchored;
  std::map<const RatioRow*, RatioTimes> anchored;
};

std::map<const RatioRow*, RatioTimes> times_of(const RatioDeployment& deployment,
                                               const RatioAnchor& anchor,
                                               const SharedPrompts& shared) {
  std::map<const RatioRow*, RatioTimes> times;
  for (const auto& session : deployment.sessions) {
    const auto seen = simulate_session(deployment.workers, anchor, session, shared);
    for (std::size_t i = 0; i < session.size(); ++i) times[session[i]] = seen[i];
  }
  return times;
}

void study(RatioStudy& one, const ValidationContext& context, const SharedPrompts& shared) {
  Deployer deployer(context.catalogs);
  one.deployment.workers = deploy_ratio(deployer, *one.deployment.sessions.front().front());
  one.unanchored = times_of(one.deployment, {}, shared);
  one.anchors = ratio_anchors(one.deployment);
  if (!one.anchors) return;
  one.anchored =
      times_of(one.deployment, fit_ratio_anchor(one.deployment, *one.anchors, shared), shared);
}

std::vector<RatioStudy> studies_of(const std::vector<RatioRow>& rows) {
  std::vector<RatioStudy> studies;
  for (const RatioSession& session : sessions_of(rows)) {
    const std::string name = rows[session.front()].deployment();
    if (studies.empty() || studies.back().deployment.sessions.front().front()->deployment() != name)
      studies.emplace_back();
    auto& runs = studies.back().deployment.sessions.emplace_back();
    for (const std::size_t i : session) runs.push_back(&rows[i]);
  }
  return studies;
}

void add_predictions(const RatioRow& row, const RatioTimes& times, const std::string& level,
                     bool anchor_point, bool extrapolating, std::vector<Prediction>& out) {
  Prediction prediction{.set = "pd_ratio_h200",
                        .slice = fmt::format("nvidia_h200_sxm sglang {}", row.deployment()),
                        .row = fmt::format("{} {} {}", row.id, row.deployment(), row.load()),
                        .metric = "output_tokens_per_s",
                        .level = level,
                        .ranked_among = row.load(),
                        .measured = row.tokens_per_s,
                        .predicted = times.tokens_per_s,
                        .anchor_point = anchor_point,
                        .extrapolating = extrapolating};
  out.push_back(prediction);
  prediction.metric = "tpot_ms";
  prediction.measured = row.tpot_ms;
  prediction.predicted = times.tpot_ms;
  out.push_back(prediction);
  prediction.metric = "ttft_ms";
  prediction.measured = row.ttft_ms;
  prediction.predicted = times.ttft_ms;
  out.push_back(prediction);
}

void add_predictions(const RatioStudy& one, const std::vector<RatioRow>& rows,
                     std::vector<Prediction>& out) {
  const ServingDeployment& served = one.deployment.workers.prefill;
  const bool extrapolating = !served.extrapolations.empty();
  const auto anchor_point = [&](const RatioRow& row) {
    return one.anchors && (&row == one.anchors->front() || &row == one.anchors->back());
  };
  for (const RatioRow& row : rows) {
    if (!row.complete || !one.unanchored.contains(&row)) continue;
    add_predictions(row, one.unanchored.at(&row), served.level, false, extrapolating, out);
  }
  for (const RatioRow& row : rows) {
    if (!row.complete || !one.anchored.contains(&row)) continue;
    add_predictions(row, one.anchored.at(&row), "anchored", anchor_point(row), extrapolating, out);
  }
}

/// What the residuals show, beside the figures.
constexpr const char* kShortfalls =
    "pd_ratio_h200: what is missed. Time to first token: the first burst of a run on two or three "
    "prefill workers takes 1 to 5 s where prompts of 128 tokens are computed in 0.3 (128 clients: "
    "predicted 0.2 to 0.4 of the measured mean), and hand-overs slow down once long prompts have "
    "fragmented the KV cache (2048/32784 runs); neither is modelled. 1p1d with answers of 7,000 "
    "tokens: steps take up to 2.5 times as long as the sum of contexts says, as if they waited for "
    "the longest context of the batch; so are three of the pairs that are ranked wrongly";

/// Ranking of the ratios whose set-up the benchmark documents, beside that of all.
std::string ranking_note(const std::vector<Prediction>& predictions, const std::string& level) {
  std::map<std::string, std::vector<const Prediction*>> loads;
  for (const Prediction& each : predictions) {
    if (each.metric != "output_tokens_per_s" || each.level != level) continue;
    if (!each.slice.ends_with(" 1p1d")) loads[each.ranked_among].push_back(&each);
  }
  RankAgreement agreement;
  for (const auto& [load, ranked] : loads) agreement.add(ranked);
  return fmt::format(
      "pd_ratio_h200: configurations are ranked by output tokens per second among the runs of one "
      "load (lengths and clients), all pairs alike; without 1p1d, whose two workers' GPUs are not "
      "documented, tau is {:.2f} over {} pairs",
      agreement.tau(), agreement.pairs);
}

}  // namespace

std::vector<Prediction> validate_pd_ratio(const std::filesystem::path& data,
                                          ValidationContext& context) {
  const auto rows = read_ratio_rows(data / "pd_ratio_h200" / "csv_data" / "results.csv");
  const SharedPrompts shared = shared_prompts(rows);
  std::vector<RatioStudy> studies = studies_of(rows);
  in_parallel(studies.size(), context.threads,
              [&](std::size_t i) { study(studies[i], context, shared); });
  std::vector<Prediction> predictions;
  for (const RatioStudy& one : studies) add_predictions(one, rows, predictions);
  std::int64_t complete = 0;
  for (const RatioRow& row : rows) complete += row.complete ? 1 : 0;
  context.notes.push_back(fmt::format(
      "pd_ratio_h200: {} runs used; {} left out because not all of their requests completed",
      complete, static_cast<std::int64_t>(rows.size()) - complete));
  context.notes.push_back(
      ranking_note(predictions, studies.front().deployment.workers.prefill.level));
  context.notes.push_back(kShortfalls);
  return predictions;
}

}  // namespace plimsoll
