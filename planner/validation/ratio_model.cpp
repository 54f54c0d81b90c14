#include "planner/validation/ratio_model.hpp"

#include <utility>

namespace plimsoll {
namespace {

constexpr std::int32_t kGpus = 8;  // of the machine, which the workers share evenly

/// Step times under an anchor.
class AnchoredSteps final : public StepTimeModel {
 public:
  AnchoredSteps(std::shared_ptr<const StepTimeModel> steps, const RatioAnchor& anchor)
      : steps_(std::move(steps)), anchor_(anchor) {}

  DecodeLine decode(std::int32_t sequences, std::int64_t context) const override {
    const Ticks bare = steps_->decode(sequences, 0).base;
    DecodeLine line = steps_->decode(sequences, context);
    line.base = times(anchor_.decode, bare + times(anchor_.context, line.base - bare));
    line.per_context_token = times(anchor_.decode * anchor_.context, line.per_context_token);
    return line;
  }
  Ticks mixed(const MixedBatch& batch) const override {
    return times(anchor_.prefill, steps_->mixed(batch));
  }

 private:
  static Ticks times(double factor, Ticks ticks) {
    return static_cast<Ticks>(factor * static_cast<double>(ticks));
  }

  std::shared_ptr<const StepTimeModel> steps_;
  RatioAnchor anchor_;
};

DisaggregatedWorkers under(const RatioAnchor& anchor, DisaggregatedWorkers workers) {
  const auto steps = std::make_shared<const AnchoredSteps>(workers.decode.step_time, anchor);
  workers.prefill.step_time = steps;
  workers.decode.step_time = steps;
  workers.link.latency += Duration{static_cast<std::int64_t>(
      (anchor.handshake - 1) * static_cast<double>(workers.prefill.handshake.count()))};
  return workers;
}

/// Layers that attend to a window have the KV cache of whole contexts here: SGLang keeps a smaller one only where
/// servers are not disaggregated (its transfers of 2025-09 know one cache for all layers).
void keep_whole_contexts(ServingDeployment& served, const ModelSpec& model) {
  const std::int32_t full = model.layers - (model.window ? model.window->layers : 0);
  served.kv_blocks = served.kv_blocks * full / model.layers;
  served.memory.per_block = served.memory.per_block * model.layers / full;
}

}  // namespace

DisaggregatedWorkers deploy_ratio(Deployer& deployer, const RatioRow& row) {
  ServingSpec spec;
  spec.model = "gpt-oss-120b";
  spec.gpu = "nvidia_h200_sxm";
  spec.engine = "sglang-0.5";
  spec.dtype = "mxfp4";
  spec.parallelism.tensor = kGpus / (row.prefill_workers + row.decode_workers);
  spec.max_model_len = 65536;
  DisaggregatedWorkers workers;
  workers.prefill = deployer.deploy(spec, row.id);
  keep_whole_contexts(workers.prefill, deployer.workloads().model(spec.model, Position{row.id}));
  workers.decode = workers.prefill;
  workers.prefill_workers = row.prefill_workers;
  workers.decode_workers = row.decode_workers;
  workers.in_turn = true;
  const ServingDeployment& served = workers.prefill;
  workers.link.per_token = served.memory.per_block * served.parallelism.tensor / served.block_size;
  workers.link.latency += served.handshake;
  return workers;
}

std::vector<RatioTimes> simulate_session(const DisaggregatedWorkers& workers,
                                         const RatioAnchor& anchor,
                                         std::span<const RatioRow* const> runs,
                                         const SharedPrompts& shared) {
  std::vector<TrialRun> trials;
  for (const RatioRow* row : runs) {
    TrialRun run{requests_of(*row, shared), row->clients};
    trials.push_back({{run.requests.front()}, 1});
    trials.push_back(std::move(run));
  }
  const auto outcomes = run_disaggregated_trials(under(anchor, workers), trials, shared.blocks);
  std::vector<RatioTimes> times;
  for (std::size_t i = 1; i < trials.size(); i += 2) {
    const TrialSummary seen = summarize(trials[i].requests, outcomes[i]);
    times.push_back({1e3 * seen.mean_ttft_s, 1e3 * seen.mean_tpot_s, seen.output_tokens_per_s});
  }
  return times;
}

}  // namespace plimsoll
