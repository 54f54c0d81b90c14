// Power, energy per token and inter-token latency of vLLM under a steady load, by batch limit, on H100 and B200.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "planner/calibration/anchor_fit.hpp"
#include "planner/in_parallel.hpp"
#include "planner/validation/deployer.hpp"
#include "planner/validation/energy_rows.hpp"
#include "planner/validation/step_anchor.hpp"
#include "planner/validation/step_study.hpp"
#include "planner/validation/suite.hpp"

namespace plimsoll {
namespace {

constexpr const char* kSet = "ml_energy";
constexpr const char* kEngine = "vllm-0.11";

/// The power that a deployment's curve states, and a straight line through it once it is anchored.
struct PowerLine {
  double offset_w = 0;
  double slope = 1;
};

double curve_w(const ServingDeployment& deployment, double sequences) {
  const auto last = deployment.busy_power_w.size() - 1;
  const auto index = static_cast<std::size_t>(sequences + 0.5);
  return deployment.busy_power_w[std::min(index, last)] * deployment.parallelism.gpus();
}

/// Through the measured power of two rows; where the curve is flat between them, it is only shifted.
PowerLine power_line(const ServingDeployment& deployment,
                     const std::array<const EnergyRow*, 2>& rows) {
  const std::array<double, 2> curve = {curve_w(deployment, rows[0]->load.sequences),
                                       curve_w(deployment, rows[1]->load.sequences)};
  const double rise = curve[1] - curve[0];
  if (std::abs(rise) < 1e-3 * curve[0]) return {rows[0]->power_w - curve[0], 1};
  const double slope = std::clamp((rows[1]->power_w - rows[0]->power_w) / rise, 0.0, 10.0);
  const double middle = (rows[0]->power_w + rows[1]->power_w) / 2;
  return {middle - slope * (curve[0] + curve[1]) / 2, slope};
}

ServingSpec spec_of(const EnergyDeployment& key, const std::vector<EnergyRow>& rows,
                    Deployer& deployer) {
  ServingSpec spec;
  spec.model = deployer.workloads().models().find(key.model, Position{kSet}).name;
  spec.gpu = deployer.hardware().gpus().find(key.gpu, Position{kSet}).name;
  spec.engine = kEngine;
  spec.dtype = key.precision == "bfloat16" ? "bf16" : key.precision;
  // Their fp8 checkpoints of Qwen and DeepSeek have a scale per 128 x 128 block, those of Llama one per tensor.
  const bool blocks = key.model.starts_with("Qwen/") || key.model.starts_with("deepseek-ai/");
  if (spec.dtype == "fp8" && blocks) spec.dtype = "fp8_block";
  // Attention of mixtures is cut over the GPUs that their experts are spread over.
  spec.parallelism.tensor = key.gpus / key.data;
  spec.parallelism.data = key.data;
  spec.parallelism.expert = key.expert;
  std::int32_t most = 1;
  double longest = 2;
  for (const EnergyRow& row : rows) {
    most = std::max(most, row.max_num_seqs);
    longest = std::max(longest, row.load.prompt_tokens + 2 * row.load.output_tokens);
  }
  spec.max_num_seqs = most;
  spec.max_model_len = static_cast<std::int32_t>(longest);
  return spec;
}

/// The load of one attention rank.
SteadyLoad rank_load(const EnergyRow& row, const ServingSpec& spec) {
  SteadyLoad load = row.load;
  load.sequences = std::max(1.0, load.sequences / spec.parallelism.data);
  return load;
}

/// What a steady load asks of the laws, in the mean.
MetLoad met_by(const SteadyLoad& load, const ServingDeployment& deployment) {
  return {.step_tokens = std::min<double>(deployment.max_num_batched_tokens,
                                          load.sequences + load.prompt_tokens),
          .sequences = load.sequences,
          .prompt_tokens = load.prompt_tokens,
          .context_tokens = load.prompt_tokens + load.output_tokens};
}

double square(double x) { return x * x; }

/// The scale of prefill work that throughput at the anchor rows tells of: least squares, with the priors of anchors.
double prefill_scale(const ServingDeployment& deployment, const ServingSpec& spec,
                     const std::array<const EnergyRow*, 2>& rows) {
  const AnchorPrior prior;
  const double confidence = square(prior.tpot_noise / prior.log_prefill_scale);
  double with_measured = confidence;
  double with_itself = confidence;
  for (const EnergyRow* row : rows) {
    const SteadyTimes times = steady_times(deployment, rank_load(*row, spec));
    const double measured_s = row->load.sequences / row->tokens_per_s - times.decode_step_s;
    with_measured += measured_s * times.prefill_s() / square(times.decode_step_s);
    with_itself += square(times.prefill_s() / times.decode_step_s);
  }
  return std::clamp(with_measured / with_itself, 0.1, 10.0);
}

/// Decode scale and offset from the two medians of inter-token latency, then the prefill scale from throughput; once
/// more, because each moves the other a little.
Anchor anchor_of(ServingSpec spec, const std::array<const EnergyRow*, 2>& rows,
                 Deployer& deployer) {
  const Position asked{kSet};
  const Seconds least = anchor_prior(deployer.workloads().engine(spec.engine, asked),
                                     deployer.workloads().model(spec.model, asked))
                            .least_step_offset;
  std::array<MeasuredStep, 2> steps;
  for (std::size_t i = 0; i < rows.size(); ++i)
    steps[i] = {rows[i]->itl_p50_ms * 1e-3,
                [load = rank_load(*rows[i], spec)](const ServingDeployment& deployment) {
                  return steady_times(deployment, load).median_itl_s;
                }};
  double scale = 1;
  Anchor anchor;
  for (int round = 0; round < 2; ++round) {
    const auto deploy = [&](const Anchor& tried) {
      spec.anchor = tried;
      spec.anchor.prefill_scale = scale;
      return deployer.deploy(spec, kSet);
    };
    anchor = anchor_to_steps(deploy, AnchoredWork::decode, steps, least);
    anchor.prefill_scale = scale = scale * prefill_scale(deploy(anchor), spec, rows);
  }
  return anchor;
}

class Study {
 public:
  Study(const EnergyDeployment& key, const std::vector<EnergyRow>& rows, Deployer& deployer)
      : rows_(rows), spec_(spec_of(key, rows, deployer)), anchors_(rows.size(), false) {
    slice_ =
        fmt::format("{} {} {} {} x{}", spec_.gpu, spec_.engine, spec_.model, spec_.dtype, key.gpus);
    const ServingDeployment neutral = deployer.deploy(spec_, slice_);
    append(neutral, {}, neutral.level);
    if (rows.size() < 3) return;
    std::vector<double> loads;
    for (const EnergyRow& row : rows) loads.push_back(row.load.sequences);
    const AnchorRows picked = anchor_rows(loads);
    const std::array<const EnergyRow*, 2> points = {&rows[picked[0].front()],
                                                    &rows[picked[1].front()]};
    for (const auto& group : picked) anchors_[group.front()] = true;
    spec_.anchor = anchor_of(spec_, points, deployer);
    append(deployer.deploy(spec_, slice_), power_line(neutral, points), "anchored");
  }

  std::vector<Prediction> take() { return std::move(predictions_); }

 private:
  void append(const ServingDeployment& deployment, const PowerLine& line,
              const std::string& level) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const EnergyRow& row = rows_[i];
      const SteadyLoad load = rank_load(row, spec_);
      const SteadyTimes times = steady_times(deployment, load);
      const bool outside = !deployment.extrapolations.empty() ||
                           !left_ranges(deployment.measured, met_by(load, deployment)).empty();
      const double tokens_per_s = row.load.sequences / times.mean_step_s;
      const double curve = curve_w(deployment, row.load.sequences / spec_.parallelism.data);
      const double power_w = line.offset_w + line.slope * curve;
      const auto say = [&](const char* metric, double measured, double predicted) {
        predictions_.push_back({.set = kSet,
                                .slice = slice_,
                                .row = row.place,
                                .metric = metric,
                                .level = level,
                                .measured = measured,
                                .predicted = predicted,
                                .anchor_point = level == "anchored" && anchors_[i],
                                .extrapolating = outside});
      };
      say("power_w", row.power_w, power_w);
      say("j_per_token", row.joules_per_token, power_w / tokens_per_s);
      say("itl_p50_ms", row.itl_p50_ms, times.median_itl_s * 1e3);
      say("itl_p99_ms", row.itl_p99_ms, times.p99_itl_s * 1e3);
      say("output_tokens_per_s", row.tokens_per_s, tokens_per_s);
    }
  }

  const std::vector<EnergyRow>& rows_;
  ServingSpec spec_;
  std::string slice_;
  std::vector<bool> anchors_;
  std::vector<Prediction> predictions_;
};

struct Studied {
  std::vector<Prediction> predictions;
  std::string note;
};

Studied study(const EnergyDeployment& key, const std::vector<EnergyRow>& rows,
              const ValidationContext& context) {
  Studied studied;
  try {
    Deployer deployer(context.catalogs);
    studied.predictions = Study(key, rows, deployer).take();
  } catch (const ConfigError& error) {
    studied.note = fmt::format("{}: {} rows of {} on {} x {} left out: {}", kSet, rows.size(),
                               key.model, key.gpus, key.gpu, error.faults().front().text());
  }
  return studied;
}

}  // namespace

std::vector<Prediction> validate_ml_energy(const std::filesystem::path& data,
                                           ValidationContext& context) {
  EnergyRows rows;
  for (const auto& file : measurement_files(data / kSet, "ml_energy_configurations"))
    read_energy_rows(file, rows);
  for (const auto& [task, count] : rows.other_tasks)
    context.notes.push_back(
        fmt::format("{}: {} rows of {} left out: not a text task", kSet, count, task));
  std::vector<const std::pair<const EnergyDeployment, std::vector<EnergyRow>>*> groups;
  for (const auto& group : rows.by_deployment) groups.push_back(&group);
  std::vector<Studied> studied(groups.size());
  in_parallel(groups.size(), context.threads, [&](std::size_t i) {
    studied[i] = study(groups[i]->first, groups[i]->second, context);
  });
  std::vector<Prediction> predictions;
  for (Studied& one : studied) {
    if (!one.note.empty()) context.notes.push_back(one.note);
    std::move(one.predictions.begin(), one.predictions.end(), std::back_inserter(predictions));
  }
  return predictions;
}

}  // namespace plimsoll
