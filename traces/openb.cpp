#include "traces/openb.hpp"

#include <algorithm>

#include "traces/measurements/measurement_table.hpp"

namespace plimsoll {

namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

std::int64_t whole(const MeasurementTable& table, std::size_t column) {
  const double value = table.whole(column, 0);
  if (value > 1e9) table.refuse(column, "is more than any node has");
  return static_cast<std::int64_t>(value);
}

std::int32_t gpus_of(const MeasurementTable& table, std::size_t column) {
  const std::int64_t gpus = whole(table, column);
  if (gpus > kMaxGpusPerNode) table.refuse(column, "is more GPUs than a node has: 0 to 16");
  return static_cast<std::int32_t>(gpus);
}

/// The share of each GPU, which goes with the number of GPUs.
std::int32_t gpu_milli_of(const MeasurementTable& table, std::size_t column, std::int32_t gpus) {
  const std::int64_t milli = whole(table, column);
  if (gpus == 0 && milli != 0)
    table.refuse(column, "is a share of GPUs that the pod does not ask for");
  if (gpus == 1 && (milli < 1 || milli > kWholeGpu))
    table.refuse(column, "is not a share of a GPU: 1 to 1000");
  if (gpus > 1 && milli != kWholeGpu)
    table.refuse(column, "must be 1000 for a pod with several GPUs");
  return static_cast<std::int32_t>(milli);
}

/// "A10|T4": A10, T4.
std::vector<std::string> split_models(std::string_view spec) {
  std::vector<std::string> models;
  while (!spec.empty()) {
    const std::size_t bar = std::min(spec.find('|'), spec.size());
    if (bar > 0) models.emplace_back(spec.substr(0, bar));
    spec.remove_prefix(std::min(bar + 1, spec.size()));
  }
  return models;
}

/// Columns of a list that says when pods came and went.
class LifeColumns {
 public:
  explicit LifeColumns(const MeasurementTable& table)
      : all_(table.columns({"creation_time", "deletion_time", "scheduled_time"})) {}

  OpenbLife life(const MeasurementTable& table) const {
    OpenbLife life;
    life.created_at = time(table, all_[0]);
    life.deleted_at = time(table, all_[1]);
    if (life.deleted_at < life.created_at)
      table.refuse(all_[1], "is before the pod's creation_time");
    if (table.text(all_[2]).empty()) return life;
    life.scheduled_at = time(table, all_[2]);
    if (*life.scheduled_at < life.created_at || *life.scheduled_at > life.deleted_at)
      table.refuse(all_[2], "is not between the pod's creation_time and deletion_time");
    return life;
  }

 private:
  static SimTime time(const MeasurementTable& table, std::size_t column) {
    const double seconds = table.not_negative(column);
    if (seconds > 1e9) table.refuse(column, "is more than 1e9 seconds");
    return SimTime{from_seconds(seconds)};
  }

  std::vector<std::size_t> all_;
};

}  // namespace

std::vector<OpenbNode> read_openb_nodes(const std::string& path, std::string_view name_column) {
  MeasurementTable table(path);
  const auto columns = table.columns({name_column, "cpu_milli", "memory_mib", "gpu", "model"});
  std::vector<OpenbNode> nodes;
  table.each_row([&] {
    OpenbNode& node = nodes.emplace_back();
    node.name = table.text(columns[0]);
    node.cpu_milli = whole(table, columns[1]);
    node.memory = Bytes{whole(table, columns[2]) * kMiB};
    node.gpus = gpus_of(table, columns[3]);
    node.model = table.text(columns[4]);
    if (node.gpus > 0 && node.model.empty()) table.refuse(columns[4], "must name the node's GPUs");
  });
  return nodes;
}

std::vector<OpenbPod> read_openb_pods(const std::string& path) {
  MeasurementTable table(path);
  const auto columns = table.columns({"name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli"});
  const bool has_models = table.has("gpu_spec");
  const std::size_t models = has_models ? table.column("gpu_spec") : 0;
  std::optional<LifeColumns> lives;
  if (table.has("creation_time")) lives.emplace(table);
  std::vector<OpenbPod> pods;
  table.each_row([&] {
    OpenbPod& pod = pods.emplace_back();
    pod.name = table.text(columns[0]);
    pod.cpu_milli = whole(table, columns[1]);
    pod.memory = Bytes{whole(table, columns[2]) * kMiB};
    pod.gpus = gpus_of(table, columns[3]);
    pod.gpu_milli = gpu_milli_of(table, columns[4], pod.gpus);
    if (has_models) pod.gpu_models = split_models(table.text(models));
    if (lives) pod.life = lives->life(table);
  });
  return pods;
}

ResourceRequest request_of(const OpenbPod& pod, const std::vector<std::string>& gpu_kinds) {
  ResourceRequest request{pod.cpu_milli, pod.memory, pod.gpus};
  if (pod.gpus > 0) request.gpu_milli = pod.gpu_milli;
  if (pod.gpus == 0 || pod.gpu_models.empty()) return request;
  request.gpu_kinds = 0;
  for (const std::string& model : pod.gpu_models) {
    const auto found = std::ranges::find(gpu_kinds, model);
    if (found != gpu_kinds.end()) request.gpu_kinds |= GpuKinds{1} << (found - gpu_kinds.begin());
  }
  return request;
}

}  // namespace plimsoll
