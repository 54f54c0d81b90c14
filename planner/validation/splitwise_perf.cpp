// Token and prompt times of vLLM of 2023 on A100 and H100, by batch, prompt and answer: repetitions of a configuration
// count as one row, their median.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "planner/validation/batch_time.hpp"
#include "planner/validation/data_table.hpp"
#include "planner/validation/step_study.hpp"
#include "planner/validation/suite.hpp"

namespace plimsoll {
namespace {

constexpr const char* kSet = "splitwise_perf";
constexpr const char* kEngine = "vllm-0.2";

struct Cut {
  std::string model;
  std::string hardware;
  std::int32_t tensor = 1;
  auto operator<=>(const Cut&) const = default;
};

struct Shape {
  std::int32_t prompt = 0;
  std::int32_t batch = 0;
  std::int32_t answer = 0;
  auto operator<=>(const Shape&) const = default;
};

struct Repetitions {
  std::string place;  ///< of the first
  std::vector<double> token_ms;
  std::vector<double> prompt_ms;
  std::vector<double> answer_ms;  ///< from the end of the prompt to the end
};

using Measured = std::map<Cut, std::map<Shape, Repetitions>>;

/// Returns the rows that are copies of others under a power cap, with the prompt time scaled: left out.
std::size_t read(const std::filesystem::path& file, Measured& measured) {
  const DataTable table(file, {"model", "hardware", "prompt_size", "batch_size", "token_size",
                               "prompt_time", "token_time", "e2e_time", "tensor_parallel"});
  std::size_t capped = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const Cut cut{table.text(row, "model"), table.text(row, "hardware"),
                  table.count(row, "tensor_parallel")};
    const Shape shape{table.count(row, "prompt_size"), table.count(row, "batch_size"),
                      table.count(row, "token_size")};
    const double prompt_ms = table.positive(row, "prompt_time");
    const double token_ms = table.positive(row, "token_time");
    const double answer_ms = table.positive(row, "e2e_time") - prompt_ms;
    if (cut.hardware.ends_with("-pcap")) {
      ++capped;
      continue;
    }
    Repetitions& repetitions = measured[cut][shape];
    if (repetitions.place.empty()) repetitions.place = table.place(row);
    repetitions.token_ms.push_back(token_ms);
    repetitions.prompt_ms.push_back(prompt_ms);
    repetitions.answer_ms.push_back(answer_ms);
  }
  return capped;
}

/// A decode step half-way through the answer; answers may end before they are as long as was asked for.
StepRow token_row(const Shape& shape, const Repetitions& repetitions) {
  const double token_ms = sample_quantile(repetitions.token_ms, 0.5);
  const double made = sample_quantile(repetitions.answer_ms, 0.5) / token_ms;
  const double answer = std::clamp<double>(made, 1, shape.answer);
  const auto context = static_cast<std::int64_t>(shape.batch * (shape.prompt + answer / 2));
  return {repetitions.place,
          static_cast<double>(shape.batch),
          shape.batch,
          token_ms * 1e-3,
          [batch = shape.batch, context](const ServingDeployment& deployment) {
            return decode_step_s(deployment, batch, context);
          },
          {.step_tokens = static_cast<double>(shape.batch),
           .sequences = static_cast<double>(shape.batch),
           .context_tokens = shape.prompt + answer}};
}

StepRow prompt_row(const Shape& shape, const Repetitions& repetitions) {
  return {repetitions.place,
          static_cast<double>(shape.prompt),
          1,
          sample_quantile(repetitions.prompt_ms, 0.5) * 1e-3,
          [prompt = shape.prompt](const ServingDeployment& deployment) {
            return mixed_step_s(deployment, {1, prompt, 0}, 0, 0);
          },
          {.step_tokens = static_cast<double>(shape.prompt),
           .sequences = 1,
           .prompt_tokens = static_cast<double>(shape.prompt)}};
}

StepStudy study_of(const Cut& cut, AnchoredWork work) {
  StepStudy study;
  study.set = kSet;
  study.cut = fmt::format("tp{}", cut.tensor);
  study.work = work;
  study.metric = work == AnchoredWork::decode ? "token_ms" : "prompt_ms";
  study.spec.model = cut.model;
  study.spec.gpu = cut.hardware;
  study.spec.engine = kEngine;
  study.spec.parallelism.tensor = cut.tensor;
  study.spec.gpu_memory_utilization = 1;  // whether it fits is not what is compared
  return study;
}

/// The token times and, of single prompts, the prompt times of one deployment: larger batches of prompts were cut up by
/// a limit of 2,048 tokens that their times do not state.
std::vector<StepStudy> studies_of(const Cut& cut, const std::map<Shape, Repetitions>& shapes) {
  StepStudy tokens = study_of(cut, AnchoredWork::decode);
  StepStudy prompts = study_of(cut, AnchoredWork::prefill);
  std::int32_t longest = 1;
  for (const auto& [shape, repetitions] : shapes) {
    tokens.rows.push_back(token_row(shape, repetitions));
    if (shape.batch == 1) prompts.rows.push_back(prompt_row(shape, repetitions));
    longest = std::max(longest, shape.prompt);
  }
  for (StepStudy* study : {&tokens, &prompts}) study->spec.max_num_batched_tokens = longest;
  std::vector<StepStudy> studies{std::move(tokens)};
  if (!prompts.rows.empty()) studies.push_back(std::move(prompts));
  return studies;
}

}  // namespace

std::vector<Prediction> validate_splitwise_perf(const std::filesystem::path& data,
                                                ValidationContext& context) {
  Measured measured;
  std::size_t capped = 0;
  for (const auto& file : measurement_files(data / kSet, "perf_model"))
    capped += read(file, measured);
  if (capped > 0)
    context.notes.push_back(
        fmt::format("{}: {} rows left out: copies of other rows under a power cap, not measured",
                    kSet, capped));
  Deployer deployer(context.catalogs);
  std::vector<Prediction> predictions;
  for (const auto& [cut, shapes] : measured) {
    for (StepStudy& study : studies_of(cut, shapes)) {
      std::string note;
      for (Prediction& prediction : predict(std::move(study), deployer, note))
        predictions.push_back(std::move(prediction));
      if (!note.empty()) context.notes.push_back(note);
    }
  }
  return predictions;
}

}  // namespace plimsoll
