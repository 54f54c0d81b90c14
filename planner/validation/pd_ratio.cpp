// Set pd_ratio_h200: prefill and decode workers in several ratios, SGLang, gpt-oss-120b on H200s with TP1 each.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "core/random_stream.hpp"
#include "planner/disaggregated_trial.hpp"
#include "planner/validation/anchor_choice.hpp"
#include "planner/validation/data_table.hpp"
#include "planner/validation/deployer.hpp"
#include "planner/validation/suite.hpp"

namespace plimsoll {
namespace {

/// One run of the sweep.
struct RatioRow {
  std::string id;
  std::int32_t prefill_workers = 0;
  std::int32_t decode_workers = 0;
  std::int32_t clients = 0;
  std::int32_t prompts = 0;
  std::int32_t prompt_tokens =
      0;  ///< means of what was sent and answered: answers end on their own
  std::int32_t output_tokens = 0;
  std::string load;  ///< nominal
  double ttft_ms = 0;
  double tpot_ms = 0;
  double tokens_per_s = 0;

  std::string deployment() const { return fmt::format("{}p{}d", prefill_workers, decode_workers); }
};

/// A row as the models see it, in the units of its row.
struct RatioTimes {
  double ttft_ms = 0;
  double tpot_ms = 0;
  double tokens_per_s = 0;
  std::string level;
  bool extrapolating = false;
};

/// What two measured rows say about a deployment: a latency that each request has before its first token, beside what
/// is simulated (the hand-over between workers), and a factor of the time per token.
struct RatioAnchor {
  double latency_ms = 0;
  double tpot_scale = 1;
};

constexpr std::int32_t kGpus =
    8;  // of the machine: workers of a kind share what their ratio leaves

/// `unfinished`: runs that not all requests completed, whose load is not the stated one; they are left out.
std::vector<RatioRow> read_rows(const std::filesystem::path& file, std::int64_t& unfinished) {
  const DataTable table(file, {"prefill", "decode", "conc", "isl", "osl", "num_prompts",
                               "completed", "total_input_tokens", "total_output_tokens",
                               "output_throughput", "mean_ttft_ms", "mean_tpot_ms"});
  std::vector<RatioRow> rows;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    RatioRow row;
    row.id = table.place(i);
    row.prefill_workers = table.count(i, "prefill");
    row.decode_workers = table.count(i, "decode");
    row.clients = table.count(i, "conc");
    row.prompts = table.count(i, "num_prompts");
    const double completed = table.count(i, "completed");
    if (completed < row.prompts) {
      ++unfinished;
      continue;
    }
    const auto mean = [&](const char* column) {
      return std::max(1, static_cast<std::int32_t>(table.positive(i, column) / completed + 0.5));
    };
    row.prompt_tokens = mean("total_input_tokens");
    row.output_tokens = mean("total_output_tokens");
    row.load = fmt::format("{}/{} x{}", table.count(i, "isl"), table.count(i, "osl"), row.clients);
    row.ttft_ms = table.positive(i, "mean_ttft_ms");
    row.tpot_ms = table.positive(i, "mean_tpot_ms");
    row.tokens_per_s = table.positive(i, "output_throughput");
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<TrialRequest> requests_of(const RatioRow& row) {
  const RandomStream draws(0, "validation/pd_ratio", row.load);
  std::vector<TrialRequest> requests(static_cast<std::size_t>(row.prompts));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto span = static_cast<std::uint32_t>(row.output_tokens);
    requests[i].prompt_tokens = row.prompt_tokens;
    requests[i].output_tokens =
        std::max(1, row.output_tokens / 2 + static_cast<std::int32_t>(below(span, draws.bits(i))));
  }
  return requests;
}

ServingSpec spec_of(const RatioRow& row) {
  ServingSpec spec;
  spec.model = "gpt-oss-120b";
  spec.gpu = "nvidia_h200_sxm";
  spec.engine = "sglang-0.5";
  spec.dtype = "mxfp4";
  spec.parallelism.tensor = kGpus / (row.prefill_workers + row.decode_workers);
  spec.prefix_caching = false;
  spec.max_model_len = 65536;
  return spec;
}

RatioTimes simulate(const RatioRow& row, const ValidationContext& context) {
  Deployer deployer(context.catalogs);
  const ServingDeployment served = deployer.deploy(spec_of(row), row.id);
  const std::vector<TrialRequest> requests = requests_of(row);
  KvLink link;
  link.per_token = served.memory.per_block * served.parallelism.tensor / served.block_size;
  const auto outcomes = run_disaggregated_trial(served, row.prefill_workers, served,
                                                row.decode_workers, link, requests, row.clients);
  const TrialSummary seen = summarize(requests, outcomes);
  return {1e3 * seen.mean_ttft_s, 1e3 * seen.mean_tpot_s, seen.output_tokens_per_s, served.level,
          !served.extrapolations.empty()};
}

/// `light` shows the latency; both how long tokens take.
RatioAnchor fit(const RatioRow& light, const RatioTimes& light_times, const RatioRow& heavy,
                const RatioTimes& heavy_times) {
  RatioAnchor anchor;
  anchor.latency_ms = std::max(0.0, light.ttft_ms - light_times.ttft_ms);
  anchor.tpot_scale =
      std::sqrt(light.tpot_ms / light_times.tpot_ms * heavy.tpot_ms / heavy_times.tpot_ms);
  return anchor;
}

/// The rate follows the times: as many clients, each waiting for its answer.
RatioTimes apply(const RatioAnchor& anchor, const RatioRow& row, RatioTimes times) {
  const double tokens = row.output_tokens - 1.0;
  const double before_ms = times.ttft_ms + tokens * times.tpot_ms;
  times.ttft_ms += anchor.latency_ms;
  times.tpot_ms *= anchor.tpot_scale;
  times.tokens_per_s *= before_ms / (times.ttft_ms + tokens * times.tpot_ms);
  times.level = "anchored";
  return times;
}

void add_predictions(const RatioRow& row, const RatioTimes& times, bool anchor_point,
                     std::vector<Prediction>& out) {
  Prediction prediction{.set = "pd_ratio_h200",
                        .slice = fmt::format("nvidia_h200_sxm sglang {}", row.deployment()),
                        .row = fmt::format("{} {} {}", row.id, row.deployment(), row.load),
                        .metric = "output_tokens_per_s",
                        .level = times.level,
                        .ranked_among = row.load,
                        .measured = row.tokens_per_s,
                        .predicted = times.tokens_per_s,
                        .anchor_point = anchor_point,
                        .extrapolating = times.extrapolating};
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

/// Predictions of one deployment's rows under its anchor.
void add_anchored(const std::vector<RatioRow>& rows, const std::vector<RatioTimes>& times,
                  const std::vector<std::size_t>& members, std::vector<Prediction>& out) {
  std::vector<BenchLoad> loads;
  for (const std::size_t i : members)
    loads.push_back({rows[i].prompt_tokens, rows[i].output_tokens, rows[i].clients});
  const std::vector<std::size_t> chosen = choose_anchors(loads);
  if (chosen.empty()) return;
  const std::size_t light = members[chosen[0]];
  const std::size_t heavy = members[chosen[1]];
  const RatioAnchor anchor = fit(rows[light], times[light], rows[heavy], times[heavy]);
  for (const std::size_t i : members)
    add_predictions(rows[i], apply(anchor, rows[i], times[i]), i == light || i == heavy, out);
}

}  // namespace

std::vector<Prediction> validate_pd_ratio(const std::filesystem::path& data,
                                          ValidationContext& context) {
  std::int64_t unfinished = 0;
  const auto rows = read_rows(data / "pd_ratio_h200" / "csv_data" / "results.csv", unfinished);
  context.notes.push_back(fmt::format(
      "pd_ratio_h200: {} runs used; {} left out because not all of their requests completed",
      rows.size(), unfinished));
  std::vector<RatioTimes> times(rows.size());
  in_parallel(rows.size(), context.threads,
              [&](std::size_t i) { times[i] = simulate(rows[i], context); });
  std::vector<Prediction> predictions;
  std::map<std::string, std::vector<std::size_t>> deployments;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    add_predictions(rows[i], times[i], false, predictions);
    deployments[rows[i].deployment()].push_back(i);
  }
  for (const auto& [name, members] : deployments) add_anchored(rows, times, members, predictions);
  return predictions;
}

}  // namespace plimsoll
