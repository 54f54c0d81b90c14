#include "planner/validation/collectives.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "hardware/hardware_catalog.hpp"
#include "hardware/topology/collective_cost.hpp"
#include "planner/validation/data_table.hpp"
#include "planner/validation/report.hpp"
#include "traces/measurements/measurement_files.hpp"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;

/// The files of a folder whose names begin so, sorted; none where the folder is not there.
std::vector<fs::path> files_named(const fs::path& folder, std::string_view begin) {
  std::vector<fs::path> files;
  std::error_code absent;
  for (const fs::directory_entry& file : fs::directory_iterator(folder, absent))
    if (file.path().filename().string().starts_with(begin)) files.push_back(file.path());
  std::sort(files.begin(), files.end());
  return files;
}

struct Measured {
  std::string library;
  CollectiveOperation operation = CollectiveOperation::all_reduce;
  std::int32_t gpus = 0;
  std::int32_t nodes = 1;
  std::string version;
  double bytes = 0;
  double us = 0;
};

struct Point {
  double bytes = 0;
  double us = 0;
  double error = 0;
};

double scatter_of(std::vector<Point> points) {
  constexpr std::size_t kFewest = 100;
  constexpr std::size_t kReach = 12;  // to either side
  if (points.size() < kFewest) return 0;
  std::stable_sort(points.begin(), points.end(),
                   [](const Point& a, const Point& b) { return a.bytes < b.bytes; });
  std::vector<double> off;
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::vector<double> near;
    for (std::size_t j = i - std::min(i, kReach); j < std::min(points.size(), i + kReach + 1); ++j)
      near.push_back(points[j].us);
    off.push_back(std::fabs(sample_quantile(near, 0.5) / points[i].us - 1));
  }
  return sample_quantile(off, 0.5);
}

class Study {
 public:
  explicit Study(const std::vector<fs::path>& catalogs) : catalog_(catalogs) {}

  /// Tables of NCCL and of engines' own kernels, in the layout that calibrations are made from.
  void read_aic(const fs::path& file) {
    std::int64_t other_systems = -1;  // rows that no set of the catalogue is for
    for (const std::string& set : catalog_.collective_sets().names()) {
      const CollectiveSpec spec = catalog_.collectives(set, {});
      Measurements measured;
      const MeasurementReport report =
          read_measurements(file, {spec.aliases, ""}, measured).front();
      const std::int64_t all = report.taken + report.other_kinds + report.other_systems;
      if (other_systems < 0) other_systems = all;
      other_systems -= report.taken + report.other_kinds;
      if (report.other_kinds > 0)
        left_out_["of kernels launched one by one, and of elements of one byte,"] +=
            static_cast<std::size_t>(report.other_kinds);
      for (const CollectiveRow& row : measured.collectives)
        add(spec, row, measured.sets[static_cast<std::size_t>(row.set)]);
    }
    if (other_systems > 0)
      left_out_["of GPUs without fits"] += static_cast<std::size_t>(other_systems);
  }

  /// `size` counts bytes, times are in ms.
  void read_vidur(const fs::path& file) {
    const std::string name = file.filename().string();
    const std::string set = "vidur_" + name.substr(0, name.find("__"));
    const bool sends = name.find("send_recv") != std::string::npos;
    const std::string column =
        fmt::format("time_stats.{}.median", sends ? "send_recv" : "all_reduce");
    const CollectiveSpec spec = catalog_.collectives(set, {file.string(), 0, 0});
    const DataTable table(file, {column, "num_workers", "devices_per_node", "size"});
    for (std::size_t row = 0; row < table.rows(); ++row) {
      Measured measured;
      measured.library = "nccl_torch";
      measured.operation = sends ? CollectiveOperation::send_recv : CollectiveOperation::all_reduce;
      measured.gpus = table.count(row, "num_workers");
      measured.nodes = std::max(1, measured.gpus / table.count(row, "devices_per_node"));
      measured.bytes = table.positive(row, "size");
      measured.us = table.number(row, column) * 1e3;
      if (measured.us > 0)
        add(spec, measured);
      else
        ++left_out_["of " + name + " without a time"];
    }
  }

  CollectiveStudy finish() {
    CollectiveStudy study;
    std::map<std::tuple<std::string, std::int32_t, std::int32_t>, std::vector<Point>> summary;
    std::map<std::tuple<std::string, std::int32_t, std::int32_t>, double> scatter;
    for (const auto& [key, points] : points_) {
      const auto& [gpu, nodes, gpus, library, operation] = key;
      study.groups.push_back(summed(gpu, library, operation, gpus, nodes, points));
      auto& all = summary[{gpu, nodes, gpus}];
      all.insert(all.end(), points.begin(), points.end());
      double& most = scatter[{gpu, nodes, gpus}];
      most = std::max(most, study.groups.back().scatter);
    }
    for (const auto& [key, points] : summary) {
      study.summary.push_back(
          summed(std::get<0>(key), "", "", std::get<2>(key), std::get<1>(key), points));
      study.summary.back().scatter = scatter[key];
    }
    for (const auto& [what, count] : left_out_)
      study.notes.push_back(fmt::format("{} rows {} left out", count, what));
    return study;
  }

 private:
  void add(const CollectiveSpec& spec, const CollectiveRow& row, const MeasurementSet& set) {
    static const std::map<std::string, std::string> kLibraries = {
        {"NCCL", "nccl"},
        {"vLLM_custom_graph", "vllm"},
        {"SGLang_CustomAllReduce_graph", "sglang"},
        {"TRTLLM", "trtllm"}};
    const auto library = kLibraries.find(set.kernel);
    Measured measured;
    if (library == kLibraries.end() || !parse_scalar(row.operation, measured.operation).empty())
      return void(++left_out_["of kernel " + set.kernel]);
    measured.library = library->second;
    measured.gpus = row.gpus;
    measured.version = set.backend.substr(set.backend.find(' ') + 1);
    measured.bytes = row.bytes;
    measured.us = row.us;
    add(spec, measured);
  }

  void add(const CollectiveSpec& spec, const Measured& measured) {
    const CollectiveFit* fit = nearest_fit(spec, measured.library, measured.operation,
                                           measured.gpus, measured.nodes, measured.version);
    if (fit == nullptr)
      return void(++left_out_[fmt::format("of {} by {} on {}, which has no fit,",
                                          operation_name(measured.operation), measured.library,
                                          spec.name)]);
    CollectiveGroup group;
    group.gpus = measured.gpus;
    group.nodes = measured.nodes;
    group.gpus_per_node = measured.gpus / measured.nodes;
    group.switched = true;
    const double us = collective_time(*fit, Bytes{std::llround(measured.bytes)}, group).us;
    points_[{spec.name, measured.nodes, measured.gpus, measured.library,
             std::string(operation_name(measured.operation))}]
        .push_back({measured.bytes, measured.us, std::fabs(us / measured.us - 1)});
  }

  static CollectiveErrors summed(const std::string& gpu, const std::string& library,
                                 const std::string& operation, std::int32_t gpus,
                                 std::int32_t nodes, const std::vector<Point>& points) {
    std::vector<double> errors;
    for (const Point& point : points) errors.push_back(point.error);
    const bool one_curve = !operation.empty();
    return {gpu,
            library,
            operation,
            gpus,
            nodes,
            errors.size(),
            sample_quantile(errors, 0.5),
            sample_quantile(errors, 0.9),
            one_curve && nodes > 1 ? scatter_of(points) : 0};
  }

  HardwareCatalog catalog_;
  std::map<std::tuple<std::string, std::int32_t, std::int32_t, std::string, std::string>,
           std::vector<Point>>
      points_;
  std::map<std::string, std::size_t> left_out_;
};

}  // namespace

bool within_target(const CollectiveErrors& errors) {
  return errors.median_error <= std::max(kCollectiveTarget, 1.5 * errors.scatter);
}

CollectiveStudy study_collectives(const fs::path& data, const std::vector<fs::path>& catalogs) {
  Study study(catalogs);
  for (const fs::path& file : files_named(data / "aic_kernels", "comm_nccl_perf"))
    study.read_aic(file);
  for (const fs::path& file : files_named(data / "aic_kernels", "comm_custom_allreduce_perf"))
    study.read_aic(file);
  for (const fs::path& file : files_named(data / "vidur_network", "")) study.read_vidur(file);
  return study.finish();
}

std::string render_collectives(const CollectiveStudy& study) {
  static constexpr const char* kLibraries[] = {"nccl", "vllm", "sglang", "trtllm", "nccl_torch"};
  std::string text = fmt::format("{:<28}{:>5}{:>6}{:>8}{:>9}{:>8}", "collectives on", "GPUs",
                                 "nodes", "rows", "median", "p90") +
                     fmt::format("{:>9}", "scatter");
  for (const char* library : kLibraries) text += fmt::format("{:>12}", library);
  text += "\n";
  for (const CollectiveErrors& row : study.summary) {
    text += fmt::format("{:<28}{:>5}{:>6}{:>8}{:>8.1f}%{:>7.1f}%", row.gpu, row.gpus, row.nodes,
                        row.rows, 100 * row.median_error, 100 * row.p90_error);
    text +=
        row.scatter > 0 ? fmt::format("{:>8.1f}%", 100 * row.scatter) : fmt::format("{:>9}", "-");
    for (const char* library : kLibraries) {
      double worst = -1;
      for (const CollectiveErrors& part : study.groups)
        if (part.gpu == row.gpu && part.gpus == row.gpus && part.nodes == row.nodes &&
            part.library == library)
          worst = std::max(worst, part.median_error);
      text += worst < 0 ? fmt::format("{:>12}", "-") : fmt::format("{:>11.1f}%", 100 * worst);
    }
    text += within_target(row) ? "\n" : "  above target\n";
  }
  text +=
      "A library's column: the median error of its worst operation. Scatter: of the measurements "
      "among\nthemselves, between nodes.\n";
  for (const std::string& note : study.notes) text += note + "\n";
  return text;
}

}  // namespace plimsoll
