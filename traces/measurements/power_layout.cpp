// Configurations of the ML.ENERGY benchmark: power of all GPUs together by the mean batch size.
#include "traces/measurements/layout.hpp"

namespace plimsoll {
namespace {

constexpr double kMostWatts = 1e6;

const char* dtype_of(std::string_view name) {
  if (name == "bfloat16") return "bf16";
  if (name == "fp8") return "fp8";
  return name == "mxfp4" ? "mxfp4" : nullptr;
}

/// Prompts of images and video load a GPU in other ways than text, and rows that make them have no batch of tokens.
bool is_text(std::string_view task) {
  return task != "image-chat" && task != "video-chat" && !task.starts_with("text-to-");
}

void read_power(const LayoutReading& reading) {
  MeasurementTable& table = reading.table;
  const auto c = table.columns({"gpu_model", "model_id", "weight_precision", "num_gpus",
                                "data_parallel", "avg_batch_size", "avg_power_watts", "task"});
  const std::int32_t set = reading.set("", "");
  table.each_row([&] {
    if (!reading.wanted(table.text(c[0]))) {
      ++reading.report.other_systems;
      return;
    }
    const char* dtype = dtype_of(table.text(c[2]));
    if (!dtype || !is_text(table.text(c[7])) || table.text(c[5]).empty()) {
      ++reading.report.other_kinds;
      return;
    }
    const double gpus = table.whole(c[3]);
    reading.into.power.push_back(
        {{std::string(table.text(c[1])), dtype, static_cast<std::int32_t>(gpus)},
         table.positive(c[5]) / table.whole(c[4]),
         table.positive(c[6], kMostWatts) / gpus,
         set});
    ++reading.report.taken;
  });
}

}  // namespace

std::vector<Layout> power_layouts() {
  return {{"power table", {"avg_power_watts", "avg_batch_size"}, {}, read_power}};
}

}  // namespace plimsoll
