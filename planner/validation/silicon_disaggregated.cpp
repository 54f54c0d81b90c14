#include "planner/validation/silicon_disaggregated.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "planner/disaggregated_trial.hpp"
#include "planner/validation/data_table.hpp"
#include "planner/validation/silicon_bench.hpp"

namespace plimsoll {
namespace {

/// Degrees of a kind of worker. Where those of the experts are stated as 0: with data-parallel attention every GPU has
/// whole experts, else they are cut as the other matrices are (vLLM without --enable-expert-parallel).
Parallelism cut_of(const DataTable& table, std::size_t row, const std::string& kind) {
  Parallelism cut{.tensor = table.count(row, kind + "_tp_size"),
                  .pipeline = table.count(row, kind + "_pp_size"),
                  .data = table.count(row, kind + "_attention_dp_size")};
  const double stated = table.number(row, kind + "_moe_ep_size");
  cut.expert = stated > 0     ? table.count(row, kind + "_moe_ep_size")
               : cut.data > 1 ? cut.tensor * cut.data
                              : 1;
  return cut;
}

ServingDeployment deploy(Deployer& deployer, const SiliconRow& run, const Parallelism& cut) {
  const Position asked{run.id, 0, 0};
  const ModelSpec& model = deployer.workloads().model(run.model, asked);
  const auto engine =
      nearest_engine(deployer.workloads().engines().names(), run.engine, run.version);
  if (!engine) throw ConfigError(asked, fmt::format("the catalogue has no engine {}.", run.engine));
  ServingSpec spec;
  spec.model = model.name;
  spec.gpu = deployer.hardware().gpu(run.system, asked).name;
  spec.engine = *engine;
  spec.dtype = dtype_of(run, model);
  spec.parallelism = cut;
  spec.prefix_caching = false;
  return deployer.deploy(spec, run.id);
}

void predict(Deployer& deployer, const SiliconSplit& split, std::vector<Prediction>& out) {
  const SiliconRow& run = split.run;
  const Position asked{run.id, 0, 0};
  DisaggregatedWorkers workers;
  workers.prefill = deploy(deployer, run, split.prefill);
  workers.prefill_workers = split.prefill_workers;
  workers.decode = deploy(deployer, run, run.parallelism);
  workers.decode_workers = split.decode_workers;
  const ServingDeployment& sends = workers.prefill;
  workers.link.per_token = sends.memory.per_block * sends.parallelism.tensor / sends.block_size;
  workers.link.latency += sends.handshake;
  const std::vector<TrialRequest> requests = bench_requests(run);
  const TrialSummary seen =
      summarize(requests, run_disaggregated_trial(workers, requests, run.concurrency));
  Prediction prediction{
      .set = "aic_silicon",
      .slice =
          fmt::format("{} {} {} disaggregated", deployer.hardware().gpu(run.system, asked).name,
                      run.engine, deployer.workloads().model(run.model, asked).name),
      .row = fmt::format("{} {}p{}d {}/{} x{}", run.id, split.prefill_workers, split.decode_workers,
                         run.prompt_tokens, run.output_tokens, run.concurrency),
      .metric = "disaggregated_tpot_ms",
      .level = workers.decode.level,
      .measured = run.tpot_ms,
      .predicted = 1e3 * seen.mean_tpot_s,
      .extrapolating = !sends.extrapolations.empty() || !workers.decode.extrapolations.empty()};
  out.push_back(prediction);
  prediction.metric = "disaggregated_ttft_ms";
  prediction.measured = run.ttft_ms;
  prediction.predicted = 1e3 * seen.mean_ttft_s;
  out.push_back(prediction);
}

}  // namespace

std::vector<SiliconSplit> read_silicon_splits(const std::filesystem::path& folder) {
  const std::filesystem::path packed = folder / "silicon_sample.csv.zst";
  const DataTable table(std::filesystem::exists(packed) ? packed : folder / "silicon_sample.csv",
                        {"id",
                         "backend",
                         "backend_version",
                         "model_path",
                         "system",
                         "mode",
                         "isl",
                         "osl",
                         "gemm_quant_mode",
                         "moe_quant_mode",
                         "prefill_num_workers",
                         "prefill_tp_size",
                         "prefill_pp_size",
                         "prefill_attention_dp_size",
                         "prefill_moe_ep_size",
                         "decode_num_workers",
                         "decode_batch_size",
                         "decode_tp_size",
                         "decode_pp_size",
                         "decode_attention_dp_size",
                         "decode_moe_ep_size",
                         "silicon_ttft_ms",
                         "silicon_tpot_ms"});
  std::vector<SiliconSplit> splits;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.text(row, "mode") != "disagg" || table.blank(row, "prefill_num_workers")) continue;
    SiliconSplit split;
    split.prefill_workers = table.count(row, "prefill_num_workers");
    split.decode_workers = table.count(row, "decode_num_workers");
    split.prefill = cut_of(table, row, "prefill");
    SiliconRow& run = split.run;
    run.parallelism = cut_of(table, row, "decode");
    run.id = table.text(row, "id");
    run.system = table.text(row, "system");
    run.engine = table.text(row, "backend");
    run.version = table.text(row, "backend_version");
    run.model = table.text(row, "model_path");
    run.gemm = table.text(row, "gemm_quant_mode");
    run.experts = table.text(row, "moe_quant_mode");
    run.prompt_tokens = table.count(row, "isl");
    run.output_tokens = table.count(row, "osl");
    // The batch of all decode workers: 24 sequences on each would touch more weights than the measured step has time
    // to read (qwen3-235b on four H100s: 13.7 ms against 11.4).
    run.concurrency = table.count(row, "decode_batch_size") * run.parallelism.data;
    run.ttft_ms = table.positive(row, "silicon_ttft_ms");
    run.tpot_ms = table.positive(row, "silicon_tpot_ms");
    splits.push_back(std::move(split));
  }
  return splits;
}

std::vector<Prediction> predict_splits(const std::vector<SiliconSplit>& splits,
                                       ValidationContext& context) {
  Deployer deployer(context.catalogs);
  std::vector<Prediction> predictions;
  for (const SiliconSplit& split : splits) predict(deployer, split, predictions);
  context.notes.push_back(fmt::format(
      "aic_silicon: {} disaggregated rows say how many workers there were; they are reported as "
      "disaggregated_tpot_ms and disaggregated_ttft_ms, without anchors, with as many clients as "
      "the stated decode batches hold",
      splits.size()));
  return predictions;
}

}  // namespace plimsoll
