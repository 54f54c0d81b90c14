// Set aic_silicon: TTFT and TPOT of aggregated serving, per deployment without and with two anchor points.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "hardware/catalog_paths.hpp"
#include "planner/in_parallel.hpp"
#include "planner/validation/anchor_choice.hpp"
#include "planner/validation/silicon_bench.hpp"
#include "planner/validation/silicon_disaggregated.hpp"
#include "planner/validation/suite.hpp"

namespace plimsoll {
namespace {

/// All rows of one deployment, and what became of them.
struct Group {
  std::vector<SiliconRow> rows;
  std::vector<Prediction> predictions;
  std::string fault;  ///< why it could not be deployed; "": it could
  std::int64_t refused_rows = 0;
};

/// A deployment with its rows' recipes; predicts under an anchor.
class SiliconDeployment {
 public:
  SiliconDeployment(const ValidationContext& context, const std::vector<BenchRecipe>& recipes,
                    const std::vector<SiliconRow>& rows)
      : deployer_(context.catalogs), recipes_(recipes) {
    const SiliconRow& first = rows.front();
    const Position asked{first.id, 0, 0};
    const ModelSpec model = deployer_.workloads().model(first.model, asked);
    gpu_ = deployer_.hardware().gpu(first.system, asked).name;
    spec_.model = model.name;
    spec_.gpu = gpu_;
    const BenchRecipe* recipe = recipe_of(first);
    const auto engine =
        nearest_engine(deployer_.workloads().engines().names(), first.engine, first.version,
                       recipe == nullptr ? "" : recipe->least_version);
    if (!engine)
      throw ConfigError(asked, fmt::format("the catalogue has no engine {}.", first.engine));
    spec_.engine = *engine;
    spec_.dtype = dtype_of(first, model);
    spec_.parallelism = first.parallelism;
    spec_.prefix_caching = false;
    std::int32_t longest = 0;
    for (const SiliconRow& row : rows)
      longest = std::max(longest, row.prompt_tokens + row.output_tokens);
    spec_.max_model_len = longest + kSlack;
    prior_ = anchor_prior(deployer_.workloads().engine(*engine, asked), model);
  }

  const AnchorPrior& prior() const { return prior_; }
  std::string slice(const SiliconRow& row) const {
    return fmt::format("{} {} {}", gpu_, row.engine, spec_.model);
  }

  ServingDeployment deploy(const SiliconRow& row, const Anchor& anchor) {
    ServingSpec spec = spec_;
    if (const BenchRecipe* recipe = recipe_of(row)) apply(*recipe, spec);
    spec.anchor = anchor;
    return deployer_.deploy(spec, row.id);
  }

  /// Steps that a request of the row's benchmark waits before the engine looks at it.
  double admission_steps(const SiliconRow& row) const {
    const BenchRecipe* recipe = recipe_of(row);
    return recipe == nullptr ? 0 : recipe->admission_steps;
  }

 private:
  static constexpr std::int32_t kSlack = 256;  // --max-model-len leaves as much

  const BenchRecipe* recipe_of(const SiliconRow& row) const {
    if (!row.spread_lengths) return nullptr;
    return recipe_for(recipes_, {row.engine, spec_.model, gpu_, row.parallelism.tensor,
                                 row.prompt_tokens, row.output_tokens, row.concurrency});
  }

  Deployer deployer_;
  const std::vector<BenchRecipe>& recipes_;
  std::string gpu_;
  ServingSpec spec_;
  AnchorPrior prior_;
};

void add_predictions(SiliconDeployment& deployment, const SiliconRow& row, const Anchor& anchor,
                     bool anchor_point, std::vector<Prediction>& out) {
  const ServingDeployment served = deployment.deploy(row, anchor);
  const std::vector<TrialRequest> requests = bench_requests(row);
  const WatchedTrial watched = watch_trial(served, requests, row.concurrency);
  const TrialSummary trial = summarize(requests, watched.outcomes);
  Prediction prediction{.set = "aic_silicon",
                        .slice = deployment.slice(row),
                        .row = fmt::format("{} {} {}/{} x{}", row.id, row.deployment(),
                                           row.prompt_tokens, row.output_tokens, row.concurrency),
                        .metric = "tpot_ms",
                        .level = anchor.points > 0 ? "anchored" : served.level};
  prediction.measured = row.tpot_ms;
  prediction.predicted = 1e3 * (trial.mean_tpot_s);
  prediction.anchor_point = anchor_point;
  prediction.extrapolating = !watched.extrapolations.empty();
  prediction.ranked_among = fmt::format("{} {} {}/{} x{}", row.system, row.model, row.prompt_tokens,
                                        row.output_tokens, row.concurrency);
  out.push_back(prediction);
  prediction.metric = "ttft_ms";
  prediction.measured = row.ttft_ms;
  prediction.predicted =
      1e3 * (trial.mean_ttft_s + deployment.admission_steps(row) * trial.mean_tpot_s);
  out.push_back(prediction);
}

Anchor anchor_of(SiliconDeployment& deployment, const std::vector<SiliconRow>& rows,
                 const std::vector<std::size_t>& anchors) {
  std::vector<LoadPoint> points;
  for (const std::size_t i : anchors) {
    const SiliconRow& row = rows[i];
    LoadPoint point{.requests = bench_requests(row), .concurrency = row.concurrency};
    const double waited_ms = deployment.admission_steps(row) * row.tpot_ms;
    if (row.ttft_ms > 1.5 * waited_ms) point.ttft_s = 1e-3 * (row.ttft_ms - waited_ms);
    point.tpot_s = 1e-3 * row.tpot_ms;
    point.name = row.id;
    points.push_back(std::move(point));
  }
  const SiliconRow& last = rows[anchors.back()];
  const auto deploy = [&](const Anchor& anchor) { return deployment.deploy(last, anchor); };
  return fit_anchor(deploy, points, deployment.prior()).anchor;
}

/// Whether the models cannot serve what the rows ask, rather than that a file of the catalogue is wrong.
bool is_about_rows(const ConfigError& error, const std::vector<SiliconRow>& rows) {
  const std::string& source = error.faults().front().at.source;
  return source == "trial" || std::any_of(rows.begin(), rows.end(),
                                          [&](const SiliconRow& row) { return row.id == source; });
}

void predict(const ValidationContext& context, const std::vector<BenchRecipe>& recipes,
             Group& group) {
  try {
    SiliconDeployment deployment(context, recipes, group.rows);
    for (const SiliconRow& row : group.rows)
      add_predictions(deployment, row, {}, false, group.predictions);
    std::vector<BenchLoad> loads;
    for (const SiliconRow& row : group.rows)
      loads.push_back({row.prompt_tokens, row.output_tokens, row.concurrency});
    const std::vector<std::size_t> anchors = choose_anchors(loads);
    if (anchors.empty()) return;
    const Anchor anchor = anchor_of(deployment, group.rows, anchors);
    for (std::size_t i = 0; i < group.rows.size(); ++i) {
      const bool used = std::find(anchors.begin(), anchors.end(), i) != anchors.end();
      add_predictions(deployment, group.rows[i], anchor, used, group.predictions);
    }
  } catch (const ConfigError& error) {
    if (!is_about_rows(error, group.rows)) throw;
    group.predictions.clear();
    group.fault = error.faults().front().message;
  }
}

std::vector<Group> groups_of(const std::vector<SiliconRow>& rows) {
  std::vector<Group> groups;
  std::map<std::string, std::size_t> places;
  for (const SiliconRow& row : rows) {
    const auto [place, is_new] = places.emplace(row.deployment(), groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].rows.push_back(row);
  }
  return groups;
}

void note_counts(const SiliconData& data, ValidationContext& context) {
  context.notes.push_back(fmt::format(
      "aic_silicon: of {} rows, {} are aggregated and used; left out: {} disaggregated, {} in "
      "progress, {} repeats, {} without a number of clients, {} of unclear degrees",
      data.in_file, data.rows.size(), data.disaggregated, data.unfinished, data.repeated,
      data.without_load, data.unclear_cut));
}

}  // namespace

std::vector<Prediction> validate_aic_silicon(const std::filesystem::path& data,
                                             ValidationContext& context) {
  const SiliconData silicon = read_silicon(data / "aic_silicon");
  note_counts(silicon, context);
  const auto recipes =
      read_recipes(shipped_data() / "planner" / "validation" / "recipes" / "inferencex.yaml");
  std::vector<Group> groups = groups_of(silicon.rows);
  in_parallel(groups.size(), context.threads,
              [&](std::size_t i) { predict(context, recipes, groups[i]); });
  std::vector<Prediction> predictions;
  for (Group& group : groups) {
    if (!group.fault.empty())
      context.notes.push_back(fmt::format("aic_silicon: {}: {} rows left out: {}",
                                          group.rows.front().deployment(), group.rows.size(),
                                          group.fault));
    std::move(group.predictions.begin(), group.predictions.end(), std::back_inserter(predictions));
  }
  auto split = predict_splits(read_silicon_splits(data / "aic_silicon"), context);
  std::move(split.begin(), split.end(), std::back_inserter(predictions));
  return predictions;
}

}  // namespace plimsoll
