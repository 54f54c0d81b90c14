// The closed form against measurements of real engines on H100. The bounds are wide: they catch a broken term, the
// printed errors say how good the model is.
#include <algorithm>
#include <cmath>

#include "tests/catch.hpp"
#include "tests/unit/workloads/catalog_under_test.hpp"
#include "tests/unit/workloads/measured_rows.hpp"
#include "workloads/serving_deployment.hpp"

using namespace plimsoll;

namespace {

ServingDeployment deploy(ServingSpec spec) {
  spec.gpu = "nvidia_h100_sxm";
  spec.engine = "vllm-0.15";
  HardwareCatalog hardware(shipped_roots());
  WorkloadCatalog workloads(shipped_roots());
  return deploy_serving(hardware, workloads, spec, {ConfigNode{}, ""});
}

double decode_s(const ServingDeployment& replica, double sequences, double context) {
  const auto n = static_cast<std::int32_t>(std::lround(sequences));
  const auto total = static_cast<std::int64_t>(context);
  return seconds_from_ticks(replica.step_time->decode(n, total).at(total));
}

double prefill_s(const ServingDeployment& replica, std::int32_t tokens) {
  const PrefillChunk chunk{tokens, 0};
  return seconds_from_ticks(replica.step_time->mixed({{&chunk, 1}, 0, 0, 1}));
}

struct Errors {
  std::vector<double> relative;

  void add(double predicted, double measured) { relative.push_back(predicted / measured - 1.0); }
  double median(bool absolute) const {
    std::vector<double> values = relative;
    if (absolute)
      for (double& value : values) value = std::fabs(value);
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }
  void print(const char* what) const {
    std::cout << what << ": " << relative.size() << " points, median error "
              << std::round(1000 * median(false)) / 10 << " %, absolute "
              << std::round(1000 * median(true)) / 10 << " %\n";
  }
};

/// Request lengths and load of a row of aic_silicon.
struct SiliconPoint {
  ServingSpec spec;
  double isl, osl, concurrency;
};

SiliconPoint silicon_point(const MeasuredRow& row) {
  const std::string& source = text(row, "silicon_data_source");
  const char* key = "silicon_concurrency=";
  const auto at = source.find(key) + std::char_traits<char>::length(key);
  return {{.model = "llama-3.1-70b",
           .dtype = "fp8",
           .parallelism = {.tensor = static_cast<std::int32_t>(number(row, "tp_size"))},
           .max_model_len = 16384},
          number(row, "isl"),
          number(row, "osl"),
          std::strtod(source.c_str() + at, nullptr)};
}

bool is_llama_70b_on_h100(const MeasuredRow& row) {
  return text(row, "system") == "h100_sxm" && text(row, "backend") == "vllm" &&
         text(row, "model_path") == "meta-llama/Llama-3.1-70B" && text(row, "mode") == "agg";
}

}  // namespace

// The period of a pure decode step: between two consecutive steps without prefill. Contexts are known by their blocks,
// of which the last one of each sequence is half full on average.
TEST_CASE("decode steps of Code Llama 34B on two H100 take what vLLM 0.15.1 took", "[measured]") {
  const auto rows = measured_rows("vllm_steps_h100/enriched_steps.csv.zst");
  if (!rows) return;
  const auto replica = deploy({.model = "codellama-34b", .parallelism = {.tensor = 2}});
  const auto decodes_only = [](const MeasuredRow& row) {
    return number(row, "batch.num_prefill_reqs") == 0;
  };
  Errors errors;
  for (std::size_t i = 0; i + 1 < rows->size(); ++i) {
    const MeasuredRow& row = (*rows)[i];
    const MeasuredRow& next = (*rows)[i + 1];
    if (number(next, "step.id") - number(row, "step.id") != 1) continue;
    if (!decodes_only(row) || !decodes_only(next)) continue;
    const double n = number(row, "batch.num_decode_reqs");
    const double blocks = number(row, "kv.blocks_total_gpu") - number(row, "kv.blocks_free_gpu");
    const double period_s =
        (number(next, "step.ts_start_ns") - number(row, "step.ts_start_ns")) * 1e-9;
    errors.add(decode_s(replica, n, 16 * blocks - 8 * n), period_s);
  }
  REQUIRE(errors.relative.size() > 100);
  errors.print("decode step, Code Llama 34B bf16 TP2");
  CHECK(errors.median(true) < 0.15);
}

// In the steady state of c requests, each token waits for one decode step, and for its share of the c prefills that
// happen while its request makes osl tokens.
TEST_CASE("TPOT of Llama 3.1 70B in fp8 on H100 is near what was measured", "[measured]") {
  const auto rows = measured_rows("aic_silicon/silicon_sample.csv.zst");
  if (!rows) return;
  Errors tpot, ttft;
  for (const MeasuredRow& row : *rows) {
    if (!is_llama_70b_on_h100(row)) continue;
    const SiliconPoint point = silicon_point(row);
    const ServingDeployment replica = deploy(point.spec);
    const double kv_tokens = static_cast<double>(replica.kv_blocks) * replica.block_size;
    if (point.concurrency * (point.isl + point.osl) > kv_tokens) continue;  // requests queue
    const double prefill = prefill_s(replica, static_cast<std::int32_t>(point.isl));
    const double decode =
        decode_s(replica, point.concurrency, point.concurrency * (point.isl + point.osl / 2));
    tpot.add(decode + point.concurrency * prefill / point.osl,
             number(row, "silicon_tpot_ms") * 1e-3);
    if (point.concurrency <= 4) ttft.add(prefill, number(row, "silicon_ttft_ms") * 1e-3);
  }
  REQUIRE(tpot.relative.size() > 30);
  tpot.print("TPOT, Llama 3.1 70B fp8 TP2 to TP8");
  ttft.print("TTFT at concurrency 4, the same");
  CHECK(tpot.median(true) < 0.25);
  CHECK(ttft.median(true) < 0.5);
}

// The power curve is fitted to these rows, so its error here is that of the fit; the gaps are a prediction.
TEST_CASE("power and token gaps of a 70B model on four H100 are near what was measured",
          "[measured]") {
  const auto rows = measured_rows("ml_energy/ml_energy_configurations.csv.zst");
  if (!rows) return;
  const auto replica = deploy({.model = "llama-3.1-70b", .parallelism = {.tensor = 4}});
  constexpr double kMeanPrompt =
      100;  // of chat questions, a guess: it moves a step by less than 1 %
  Errors power, itl;
  for (const MeasuredRow& row : *rows) {
    if (text(row, "model_id") != "meta-llama/Llama-3.3-70B-Instruct" ||
        text(row, "gpu_model") != "H100")
      continue;
    const double n = number(row, "avg_batch_size");
    power.add(replica.busy_power_w[static_cast<std::size_t>(std::lround(n))],
              number(row, "avg_power_watts") / 4);
    const double context = n * (kMeanPrompt + number(row, "avg_output_len") / 2);
    itl.add(decode_s(replica, n, context), number(row, "median_itl_ms") * 1e-3);
  }
  REQUIRE(power.relative.size() >= 8);
  power.print("power, Llama 3.3 70B bf16 TP4");
  itl.print("median ITL (mixed steps among them), the same");
  CHECK(power.median(true) < 0.05);
  CHECK(itl.median(true) < 0.25);
}
