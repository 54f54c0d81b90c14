// Forward passes of TensorRT-LLM on B200 that only prefill gpt-oss 120b: wall time by prompts, their tokens and those
// cached.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "planner/validation/batch_time.hpp"
#include "planner/validation/data_table.hpp"
#include "planner/validation/step_study.hpp"
#include "planner/validation/suite.hpp"

namespace plimsoll {
namespace {

constexpr const char* kSet = "fpm_b200_gptoss";
constexpr const char* kGpu = "nvidia_b200_sxm";
constexpr const char* kModel = "gpt-oss-120b";
constexpr const char* kEngine = "tensorrt-llm-1";
constexpr std::int32_t kMostTokens = 131'072;  ///< of a pass
constexpr std::size_t kNeighbours = 15;        ///< passes on either side, in order of prompt tokens

StepRow pass_of(const DataTable& table, std::size_t row) {
  for (const std::string_view decoding : {"decode_requests", "decode_kv_tokens"})
    if (table.number(row, decoding) != 0)
      table.refuse(row, decoding, "is not 0: the set is of passes that only prefill.");
  EvenPrefill prefill;
  prefill.prompts = table.count(row, "prefill_requests");
  prefill.new_tokens = table.count(row, "prefill_tokens");
  const double cached = table.number(row, "prefill_kv_tokens");
  if (cached < 0) table.refuse(row, "prefill_kv_tokens", "is below 0.");
  prefill.cached_tokens = static_cast<std::int64_t>(cached);
  StepRow pass;
  pass.row = table.place(row);
  pass.load = static_cast<double>(prefill.new_tokens);
  pass.sequences = prefill.prompts;
  pass.measured_s = table.positive(row, "wall_time_s");
  pass.predicted_s = [prefill](const ServingDeployment& deployment) {
    return mixed_step_s(deployment, prefill, 0, 0);
  };
  const auto tokens = static_cast<double>(prefill.new_tokens);
  pass.met = {.step_tokens = tokens,
              .sequences = static_cast<double>(prefill.prompts),
              .prompt_tokens = (tokens + cached) / prefill.prompts};
  return pass;
}

/// Median |median of the passes nearest in prompt tokens / pass - 1|: about what no model of the shape can go below.
double scatter(const std::vector<StepRow>& rows) {
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rows[a].load < rows[b].load; });
  std::vector<double> errors;
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::vector<double> near;
    for (std::size_t j = i - std::min(i, kNeighbours);
         j < std::min(order.size(), i + kNeighbours + 1); ++j)
      if (j != i) near.push_back(rows[order[j]].measured_s);
    errors.push_back(std::abs(sample_quantile(near, 0.5) / rows[order[i]].measured_s - 1));
  }
  return sample_quantile(errors, 0.5);
}

}  // namespace

std::vector<Prediction> validate_forward_passes(const std::filesystem::path& data,
                                                ValidationContext& context) {
  StepStudy study;
  study.set = kSet;
  study.cut = "tp1";
  study.metric = "pass_ms";
  study.work = AnchoredWork::launched_prefill;
  study.spec.model = kModel;
  study.spec.gpu = kGpu;
  study.spec.engine = kEngine;
  study.spec.dtype = "mxfp4";
  study.spec.max_num_batched_tokens = kMostTokens;
  for (const auto& file : measurement_files(data / kSet, "prefill_forward_passes")) {
    const DataTable table(file, {"wall_time_s", "prefill_tokens", "prefill_kv_tokens",
                                 "prefill_requests", "decode_kv_tokens", "decode_requests"});
    for (std::size_t row = 0; row < table.rows(); ++row) study.rows.push_back(pass_of(table, row));
  }
  if (study.rows.size() > 2 * kNeighbours)
    context.notes.push_back(fmt::format(
        "{}: scatter of the measurements: a pass is {:.1f} % (median) off the median of the {} "
        "nearest to it in prompt tokens; no model of the shape does much better",
        kSet, 100 * scatter(study.rows), 2 * kNeighbours));
  Deployer deployer(context.catalogs);
  std::string note;
  std::vector<Prediction> predictions = predict(std::move(study), deployer, note);
  if (!note.empty()) context.notes.push_back(note);
  return predictions;
}

}  // namespace plimsoll
