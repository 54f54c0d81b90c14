// Recorded runs of vLLM, request by request: the recorded requests are sent to one replica of the same deployment when
// the engine's scheduler had them. Times to the first token and to the end count from then.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <numeric>

#include "planner/calibration/anchor_fit.hpp"
#include "planner/in_parallel.hpp"
#include "planner/serving_trial.hpp"
#include "planner/validation/deployer.hpp"
#include "planner/validation/step_anchor.hpp"
#include "planner/validation/suite.hpp"
#include "planner/validation/vllm_recording.hpp"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSet = "vllm_requests";
constexpr std::int32_t kRecordedBlock = 16;  ///< tokens that a recorded hash stands for
/// A run is anchored to two points, the mean TPOT of these requests, as shares in the order sent: the first tenth,
/// while the engine fills up, and the tenth in the middle. The others are scored.
struct RequestRange {
  double first;
  double end;
};
constexpr std::array<RequestRange, 2> kAnchorRanges{{{0, 0.1}, {0.45, 0.55}}};
constexpr std::size_t kLeastRequests = 20;  ///< of a run that is anchored

/// The three figures of a request.
struct RequestFigures {
  double ttft_s = 0;
  double e2e_s = 0;
  double tpot_s = std::numeric_limits<double>::quiet_NaN();  ///< of one token: none
};

RequestFigures figures(double queued_s, double first_s, double last_s, std::int32_t tokens) {
  RequestFigures of;
  of.ttft_s = first_s - queued_s;
  of.e2e_s = last_s - queued_s;
  if (tokens > 1) of.tpot_s = (last_s - first_s) / (tokens - 1);
  return of;
}

struct Metric {
  const char* name;
  const char* unit;
  double scale;  ///< from seconds to the unit
  double RequestFigures::* value;
};
constexpr std::array<Metric, 3> kMetrics{{{"ttft", "ms", 1e3, &RequestFigures::ttft_s},
                                          {"tpot", "ms", 1e3, &RequestFigures::tpot_s},
                                          {"e2e", "s", 1, &RequestFigures::e2e_s}}};

struct Aggregate {
  const char* name;
  double (*of)(std::vector<double>);
};

double mean(std::vector<double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
constexpr std::array<Aggregate, 4> kAggregates{
    {{"mean", mean},
     {"p50", [](std::vector<double> values) { return sample_quantile(std::move(values), 0.5); }},
     {"p90", [](std::vector<double> values) { return sample_quantile(std::move(values), 0.9); }},
     {"p99", [](std::vector<double> values) { return sample_quantile(std::move(values), 0.99); }}}};

using Requests = std::vector<std::size_t>;  ///< in the order sent

/// Figures of these requests, those that have none left out.
std::vector<double> values_of(const std::vector<RequestFigures>& all, const Metric& metric,
                              const Requests& requests) {
  std::vector<double> values;
  for (const std::size_t i : requests)
    if (std::isfinite(all[i].*metric.value)) values.push_back(all[i].*metric.value * metric.scale);
  return values;
}

class Replay {
 public:
  explicit Replay(const VllmRecording& recording) : recording_(recording) {
    std::vector<std::size_t> order(recording.requests.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return recording.requests[a].queued_s < recording.requests[b].queued_s;
    });
    PrefixBlocks blocks;
    blocks.block_tokens = kRecordedBlock;
    BlockNumbers numbers;
    for (const std::size_t i : order) {
      const RecordedRequest& request = recording.requests[i];
      sent_.push_back(i);
      requests_.push_back({.prompt_tokens = request.prompt_tokens,
                           .output_tokens = request.output_tokens,
                           .at = SimTime{from_seconds(request.queued_s)},
                           .prefix = number(request.blocks, blocks, numbers)});
    }
    blocks_ = std::make_shared<const PrefixBlocks>(std::move(blocks));
  }

  std::vector<RequestFigures> measured() const {
    std::vector<RequestFigures> all;
    for (const std::size_t i : sent_) {
      const RecordedRequest& request = recording_.requests[i];
      all.push_back(figures(request.queued_s, request.first_token_s, request.last_token_s,
                            request.output_tokens));
    }
    return all;
  }

  struct Predicted {
    std::vector<RequestFigures> figures;
    bool extrapolating = false;
  };

  Predicted predicted(const ServingDeployment& deployment) const {
    const auto [outcomes, extrapolations] = watch_trial(deployment, requests_, 0, blocks_);
    Predicted all{{}, !extrapolations.empty()};
    for (std::size_t i = 0; i < sent_.size(); ++i)
      all.figures.push_back(figures(recording_.requests[sent_[i]].queued_s,
                                    to_seconds(outcomes[i].first_token.time_since_epoch()),
                                    to_seconds(outcomes[i].finish.time_since_epoch()),
                                    requests_[i].output_tokens));
    return all;
  }

  const std::string& place(std::size_t sent) const {
    return recording_.requests[sent_[sent]].place;
  }

 private:
  using BlockNumbers = std::map<std::uint64_t, std::uint32_t>;

  /// The blocks of one prompt, numbered as they first appear.
  static PrefixSpan number(const std::vector<std::uint64_t>& hashes, PrefixBlocks& blocks,
                           BlockNumbers& numbers) {
    const PrefixSpan span{static_cast<std::uint32_t>(blocks.ids.size()),
                          static_cast<std::uint32_t>(hashes.size())};
    for (const std::uint64_t hash : hashes)
      blocks.ids.push_back(
          numbers.emplace(hash, static_cast<std::uint32_t>(numbers.size())).first->second);
    return span;
  }

  const VllmRecording& recording_;
  std::vector<std::size_t> sent_;  ///< by time: indices of recording_.requests
  std::vector<TrialRequest> requests_;
  std::shared_ptr<const PrefixBlocks> blocks_;  ///< what the prompts have in common
};

class RunStudy {
 public:
  RunStudy(VllmRecording recording, Deployer& deployer)
      : recording_(std::move(recording)),
        deployer_(deployer),
        replay_(recording_),
        measured_(replay_.measured()) {
    ServingSpec& spec = recording_.spec;
    const Position asked{recording_.name};
    spec.gpu = deployer.hardware().gpus().find(spec.gpu, asked).name;
    spec.model = deployer.workloads().models().find(spec.model, asked).name;
    slice_ = fmt::format("{} {} {}", spec.gpu, spec.engine, spec.model);
    const Parallelism& cut = spec.parallelism;
    if (cut.gpus() > 1) slice_ += fmt::format(" tp{} dp{} ep{}", cut.tensor, cut.data, cut.expert);
    Requests all(measured_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    const ServingDeployment neutral = deployer.deploy(spec, slice_);
    append(neutral, neutral.level, all);
    if (all.size() < kLeastRequests) return;
    const std::array<Requests, 2> points = {range(kAnchorRanges[0]), range(kAnchorRanges[1])};
    Requests others;
    for (const std::size_t i : all)
      if (i >= points[0].size() && (i < points[1].front() || i > points[1].back()))
        others.push_back(i);
    spec.anchor = anchor(points);
    append(deployer.deploy(spec, slice_), "anchored", others);
  }

  std::vector<Prediction> take() { return std::move(predictions_); }

 private:
  Requests range(const RequestRange& share) const {
    const auto count = static_cast<double>(measured_.size());
    Requests requests;
    for (auto i = static_cast<std::size_t>(share.first * count);
         i < static_cast<std::size_t>(share.end * count); ++i)
      requests.push_back(i);
    return requests;
  }

  /// Of decode work and every step, so that the mean TPOT of both points is met.
  Anchor anchor(const std::array<Requests, 2>& points) const {
    const Position asked{recording_.name};
    const AnchorPrior prior =
        anchor_prior(deployer_.workloads().engine(recording_.spec.engine, asked),
                     deployer_.workloads().model(recording_.spec.model, asked));
    const auto mean_tpot = [](const std::vector<RequestFigures>& all, const Requests& requests) {
      return mean(values_of(all, kMetrics[1], requests)) / kMetrics[1].scale;
    };
    std::array<MeasuredStep, 2> measured;
    for (std::size_t i = 0; i < points.size(); ++i)
      measured[i] = {mean_tpot(measured_, points[i]), [&, i](const ServingDeployment& deployment) {
                       return mean_tpot(replay_.predicted(deployment).figures, points[i]);
                     }};
    const auto deploy = [&](const Anchor& tried) {
      ServingSpec spec = recording_.spec;
      spec.anchor = tried;
      return deployer_.deploy(spec, slice_);
    };
    return anchor_to_steps(deploy, AnchoredWork::decode, measured, prior.least_step_offset);
  }

  /// Figures over the scored requests, and each one's own.
  void append(const ServingDeployment& deployment, const std::string& level,
              const Requests& scored) {
    const auto [predicted, extrapolating] = replay_.predicted(deployment);
    const auto say = [&, outside = extrapolating](std::string metric, std::string row, double was,
                                                  double is) {
      if (std::isnan(was)) return;  // of one token
      Prediction prediction;
      prediction.set = kSet;
      prediction.slice = slice_;
      prediction.row = std::move(row);
      prediction.metric = std::move(metric);
      prediction.level = level;
      prediction.measured = was;
      prediction.predicted = std::max(is, 1e-6);
      prediction.extrapolating = outside;
      predictions_.push_back(std::move(prediction));
    };
    for (const Metric& metric : kMetrics) {
      const auto was = values_of(measured_, metric, scored);
      const auto is = values_of(predicted, metric, scored);
      for (const Aggregate& aggregate : kAggregates)
        say(fmt::format("{}_{}_{}", aggregate.name, metric.name, metric.unit), recording_.name,
            aggregate.of(was), aggregate.of(is));
      for (const std::size_t i : scored)
        say(fmt::format("request_{}_{}", metric.name, metric.unit), replay_.place(i),
            measured_[i].*metric.value * metric.scale, predicted[i].*metric.value * metric.scale);
    }
  }

  VllmRecording recording_;
  Deployer& deployer_;
  Replay replay_;
  std::vector<RequestFigures> measured_;  ///< in the order sent
  std::string slice_;
  std::vector<Prediction> predictions_;
};

std::vector<fs::path> recordings(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (fs::exists(entry.path() / "vllm" / "meta.json")) found.push_back(entry.path());
  if (found.empty())
    throw ConfigError(Position{folder.string(), 0, 0},
                      "there is no recording: no folder <GPU>_<model> with vllm/meta.json.");
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::vector<Prediction> validate_vllm_requests(const fs::path& data, ValidationContext& context) {
  const std::vector<fs::path> folders = recordings(data / kSet);
  std::vector<std::vector<Prediction>> found(folders.size());
  std::vector<std::string> notes(folders.size());
  in_parallel(folders.size(), context.threads, [&](std::size_t i) {
    VllmRecording recording = read_vllm_recording(folders[i]);
    const std::size_t requests = recording.requests.size();
    Deployer deployer(context.catalogs);
    try {
      found[i] = RunStudy(std::move(recording), deployer).take();
    } catch (const ConfigError& error) {
      notes[i] = fmt::format("{}: {} requests of {} left out: {}", kSet, requests,
                             folders[i].filename().string(), error.faults().front().text());
    }
  });
  std::vector<Prediction> predictions;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    std::move(found[i].begin(), found[i].end(), std::back_inserter(predictions));
    if (!notes[i].empty()) context.notes.push_back(notes[i]);
  }
  return predictions;
}

}  // namespace plimsoll
