#include "planner/validation/energy_rows.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "planner/validation/data_table.hpp"

namespace plimsoll {
namespace {

/// Mean prompts of the text tasks. The data do not state them: estimates from the public question sets, and only as
/// good as the share of throughput that prompts take (a few per cent, a third for code completion).
struct TextTask {
  std::string_view name;
  double prompt_tokens;
};
constexpr std::array<TextTask, 3> kTextTasks{{
    {"gpqa", 250},              // a question with four answers, and the instruction
    {"lm-arena-chat", 225},     // a user's first turn
    {"sourcegraph-fim", 1000},  // code before and after the gap
}};

const TextTask* text_task(std::string_view name) {
  const auto* found = std::find_if(kTextTasks.begin(), kTextTasks.end(),
                                   [&](const TextTask& task) { return task.name == name; });
  return found == kTextTasks.end() ? nullptr : found;
}

EnergyRow row_of(const DataTable& table, std::size_t i, const TextTask& task) {
  EnergyRow row;
  row.place = table.place(i);
  row.load.prompt_tokens = task.prompt_tokens;
  row.load.sequences = table.positive(i, "avg_batch_size");
  row.load.output_tokens = table.positive(i, "avg_output_len");
  if (row.load.sequences < 1) table.refuse(i, "avg_batch_size", "is below 1.");
  if (row.load.output_tokens < 2) table.refuse(i, "avg_output_len", "is below 2.");
  row.max_num_seqs = table.count(i, "max_num_seqs");
  row.power_w = table.positive(i, "avg_power_watts");
  row.joules_per_token = table.positive(i, "energy_per_token_joules");
  row.tokens_per_s = table.positive(i, "output_throughput_tokens_per_sec");
  row.itl_p50_ms = table.positive(i, "median_itl_ms");
  row.itl_p99_ms = table.positive(i, "p99_itl_ms");
  return row;
}

}  // namespace

void read_energy_rows(const std::filesystem::path& file, EnergyRows& rows) {
  const DataTable table(
      file, {"task", "model_id", "gpu_model", "num_gpus", "tensor_parallel", "expert_parallel",
             "data_parallel", "weight_precision", "max_num_seqs", "avg_batch_size",
             "avg_output_len", "avg_power_watts", "energy_per_token_joules",
             "output_throughput_tokens_per_sec", "median_itl_ms", "p99_itl_ms"});
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const TextTask* task = text_task(table.text(i, "task"));
    if (task == nullptr) {
      ++rows.other_tasks[table.text(i, "task")];
      continue;
    }
    const EnergyDeployment key{table.text(i, "model_id"),         table.text(i, "gpu_model"),
                               table.text(i, "weight_precision"), table.count(i, "num_gpus"),
                               table.count(i, "tensor_parallel"), table.count(i, "expert_parallel"),
                               table.count(i, "data_parallel")};
    rows.by_deployment[key].push_back(row_of(table, i, *task));
  }
  for (auto& [key, group] : rows.by_deployment)
    std::stable_sort(group.begin(), group.end(), [](const EnergyRow& a, const EnergyRow& b) {
      return a.load.sequences < b.load.sequences;
    });
}

}  // namespace plimsoll
