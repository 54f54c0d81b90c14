// Tables of collectives as aiconfigurator publishes them. Their message_size counts elements of two bytes.
#include <string>

#include "traces/measurements/kernel_table.hpp"

namespace plimsoll {
namespace {

constexpr double kElementBytes = 2;

std::string operation_of(std::string_view name) {
  if (name == "alltoall") return "all_to_all";
  if (name == "all_reduce" || name == "all_gather" || name == "reduce_scatter")
    return std::string(name);
  return {};
}

/// `dtype`: the column of the elements' format. Measurements outside CUDA graphs time the host and are left.
void read_collective(const LayoutReading& reading, std::string_view dtype) {
  KernelTable kernels(reading);
  MeasurementTable& table = reading.table;
  const auto c = table.columns({"op_name", dtype, "num_gpus", "message_size", "kernel_source"});
  table.each_row([&] {
    if (!kernels.wanted()) return;
    const std::string operation = operation_of(table.text(c[0]));
    const std::string_view format = table.text(c[1]);
    const bool two_bytes = format == "half" || format == "float16" || format == "bfloat16";
    if (operation.empty() || !two_bytes || table.text(c[4]).ends_with("_eager"))
      return kernels.leave();
    reading.into.collectives.push_back({operation, static_cast<std::int32_t>(table.whole(c[2], 2)),
                                        table.whole(c[3]) * kElementBytes, kernels.us(),
                                        kernels.set()});
    kernels.take();
  });
}

}  // namespace

std::vector<Layout> collective_layouts() {
  return {{"all-reduce table",
           {"allreduce_dtype"},
           {},
           [](const LayoutReading& reading) { read_collective(reading, "allreduce_dtype"); }},
          {"collectives table", {"nccl_dtype"}, {}, [](const LayoutReading& reading) {
             read_collective(reading, "nccl_dtype");
           }}};
}

}  // namespace plimsoll
