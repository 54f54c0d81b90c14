// The matrix that `nvidia-smi topo -m` prints.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "core/config/suggest.hpp"
#include "hardware/topology/link_lookup.hpp"
#include "hardware/topology/topology_readers.hpp"

namespace plimsoll {
namespace {

/// Without the sequences that underline the header on a terminal.
std::string plain(std::string_view line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b') {
      while (i < line.size() && line[i] != 'm') ++i;
    } else if (line[i] != '\r') {
      text += line[i];
    }
  }
  return text;
}

/// Words apart by tabs or by two spaces and more: "CPU Affinity" is one.
std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> columns;
  std::string word;
  const auto flush = [&] {
    while (!word.empty() && word.back() == ' ') word.pop_back();
    if (!word.empty()) columns.push_back(std::exchange(word, {}));
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool gap = line[i] == ' ' && (i + 1 == line.size() || line[i + 1] == ' ');
    if (line[i] == '\t' || gap) {
      flush();
    } else if (line[i] != ' ' || !word.empty()) {
      word += line[i];
    }
  }
  flush();
  return columns;
}

bool is_device(const std::string& name) {
  return name.starts_with("GPU") || name.starts_with("NIC") || name.starts_with("mlx");
}

struct Row {
  std::string name;
  std::vector<std::string> labels;
  std::string numa;
  Position at;
};

struct Matrix {
  std::vector<std::string> devices;
  std::vector<Row> rows;
};

Matrix parse(std::string_view text, const std::string& source, std::vector<Fault>& faults) {
  Matrix matrix;
  std::size_t numa_column = 0;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line = plain(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    const std::vector<std::string> columns = columns_of(line);
    if (columns.empty()) continue;
    if (matrix.devices.empty()) {
      for (const std::string& column : columns) {
        if (column == "NUMA Affinity") numa_column = matrix.devices.size() + 1;
        if (is_device(column) && column != "GPU NUMA ID") matrix.devices.push_back(column);
      }
      if (numa_column > 0) numa_column += 1;  // after the row's name and CPU Affinity
      continue;
    }
    if (line.starts_with("Legend") || line.starts_with("NIC Legend")) break;
    if (!is_device(columns[0])) continue;
    Row row{columns[0], {}, "", {source, number, 1}};
    for (std::size_t i = 1; i < columns.size() && row.labels.size() < matrix.devices.size(); ++i)
      row.labels.push_back(columns[i]);
    if (numa_column > 0 && columns.size() > numa_column) row.numa = columns[numa_column];
    if (row.labels.size() != matrix.devices.size())
      faults.push_back({row.at, fmt::format("{} has {} labels for {} devices.", row.name,
                                            row.labels.size(), matrix.devices.size())});
    else
      matrix.rows.push_back(std::move(row));
  }
  return matrix;
}

class SmiReader {
 public:
  SmiReader(Matrix matrix, const std::string& source, std::vector<Fault> faults,
            const TopologyLookup& lookup)
      : matrix_(std::move(matrix)), lookup_(lookup), builder_(source, source), top_{source, 1, 1} {
    for (Fault& fault : faults) builder_.fault(fault.at, std::move(fault.message));
  }

  NodeTopology read() {
    check();
    if (builder_.has_faults()) return builder_.finish();
    group_switches();
    add_devices();
    join_nvlinks();
    return builder_.finish();
  }

 private:
  static std::optional<std::int32_t> nvlink_count(const std::string& label) {
    std::int32_t count = 0;
    if (!label.starts_with("NV") || !parse_scalar(label.substr(2), count).empty() || count < 1)
      return {};
    return count;
  }
  const std::string& label(std::size_t a, std::size_t b) const { return matrix_.rows[a].labels[b]; }
  bool is_gpu(std::size_t i) const { return matrix_.rows[i].name.starts_with("GPU"); }
  bool on_one_switch(std::size_t a, std::size_t b) const {
    return label(a, b) == "PIX" || label(a, b) == "PXB";
  }

  void check() {
    if (matrix_.devices.empty() || matrix_.rows.empty())
      return builder_.fault(top_,
                            "this is no output of `nvidia-smi topo -m`: it has no matrix with "
                            "GPU0 as first column.");
    for (std::size_t i = 0; i < matrix_.devices.size(); ++i) {
      if (i < matrix_.rows.size() && matrix_.rows[i].name == matrix_.devices[i]) continue;
      return builder_.fault(
          i < matrix_.rows.size() ? matrix_.rows[i].at : top_,
          fmt::format("row {} should be {}, as in the header.", i + 1, matrix_.devices[i]));
    }
    for (std::size_t a = 0; a < matrix_.devices.size(); ++a)
      for (std::size_t b = 0; b < matrix_.devices.size(); ++b) check_pair(a, b);
  }
  void check_pair(std::size_t a, std::size_t b) {
    static const std::vector<std::string> kLabels = {"X",   "SYS", "NODE", "PHB",
                                                     "PXB", "PIX", "NV1"};
    const Row& row = matrix_.rows[a];
    if (!nvlink_count(label(a, b)) &&
        std::find(kLabels.begin(), kLabels.end(), label(a, b)) == kLabels.end())
      return builder_.fault(row.at, fmt::format("{} to {}: {}", row.name, matrix_.devices[b],
                                                unknown_name("label", label(a, b), kLabels)));
    if ((label(a, b) == "X") != (a == b))
      return builder_.fault(row.at, fmt::format("{} to {} is {}; X stands on the diagonal, and "
                                                "only there.",
                                                row.name, matrix_.devices[b], label(a, b)));
    if (a < b && label(a, b) != label(b, a))
      return builder_.fault(matrix_.rows[b].at,
                            fmt::format("{} to {} is {}, but {} to {} is {} at {}: which?",
                                        matrix_.rows[b].name, row.name, label(b, a), row.name,
                                        matrix_.rows[b].name, label(a, b), row.at.text()));
    const std::string& other = matrix_.rows[b].numa;
    if (a < b && on_one_switch(a, b) && !row.numa.empty() && !other.empty() && other != "N/A" &&
        row.numa != "N/A" && row.numa != other)
      builder_.fault(row.at,
                     fmt::format("{} and {} are on one PCIe switch ({}), but on NUMA nodes "
                                 "{} and {}.",
                                 row.name, matrix_.rows[b].name, label(a, b), row.numa, other));
  }

  /// switch_of_: for each device the first one that it shares a switch with, or itself.
  void group_switches() {
    switch_of_.resize(matrix_.rows.size());
    std::iota(switch_of_.begin(), switch_of_.end(), std::size_t{0});
    for (std::size_t b = 0; b < switch_of_.size(); ++b)
      for (std::size_t a = 0; a < b; ++a)
        if (on_one_switch(a, b)) {
          switch_of_[b] = switch_of_[a];
          break;
        }
  }

  /// A GPU's own NUMA node; a NIC's is that of a GPU which it reaches without leaving it.
  std::string numa_of(std::size_t i) const {
    const std::string& own = matrix_.rows[i].numa;
    if (!own.empty() && own != "N/A") return own;
    for (std::size_t other = 0; other < matrix_.rows.size(); ++other)
      if (is_gpu(other) && other != i && label(i, other) != "SYS" && !nvlink_count(label(i, other)))
        return matrix_.rows[other].numa.empty() || matrix_.rows[other].numa == "N/A"
                   ? "0"
                   : matrix_.rows[other].numa;
    return "0";
  }

  DeviceId cpu_of(const std::string& numa, const Position& at) {
    const auto known = cpus_.find(numa);
    if (known != cpus_.end()) return known->second;
    TopologyDevice device;
    device.kind = DeviceKind::cpu;
    device.name = "numa" + numa;
    return cpus_.emplace(numa, builder_.add(std::move(device), at)).first->second;
  }

  void add_devices() {
    std::map<std::size_t, DeviceId> switches;
    const TopologyLink pcie = link_named(lookup_, "pcie_4_x16");
    for (std::size_t i = 0; i < matrix_.rows.size(); ++i) {
      const Row& row = matrix_.rows[i];
      DeviceId hub = cpu_of(numa_of(switch_of_[i]), row.at);
      if (std::count(switch_of_.begin(), switch_of_.end(), switch_of_[i]) > 1) {
        auto known = switches.find(switch_of_[i]);
        if (known == switches.end()) {
          TopologyDevice device;
          device.kind = DeviceKind::pcie_switch;
          device.name = fmt::format("switch of {}", row.name);
          known = switches.emplace(switch_of_[i], builder_.add(std::move(device), row.at)).first;
          builder_.connect(known->second, hub, pcie, row.at);
        }
        hub = known->second;
      }
      TopologyDevice device;
      device.kind = is_gpu(i) ? DeviceKind::gpu : DeviceKind::nic;
      device.name = row.name;
      ids_.push_back(builder_.add(std::move(device), row.at));
      builder_.connect(ids_.back(), hub, pcie, row.at);
    }
    std::vector<DeviceId> cpus;
    for (const auto& [numa, cpu] : cpus_) cpus.push_back(cpu);
    join_cpus(builder_, cpus, "", lookup_, top_);
  }

  /// No GPU has more than 18 links: more than that in a row means that they lead to a switch.
  void join_nvlinks() {
    constexpr std::int32_t kMostLinks = 18;
    std::optional<DeviceId> chip;
    for (std::size_t a = 0; a < ids_.size(); ++a) {
      std::int32_t most = 0;
      std::int32_t sum = 0;
      for (std::size_t b = 0; b < ids_.size(); ++b) {
        const std::int32_t links = nvlink_count(label(a, b)).value_or(0);
        most = std::max(most, links);
        sum += links;
      }
      if (sum > kMostLinks) {
        if (!chip) chip = add_chip(matrix_.rows[a].at);
        builder_.connect(ids_[a], *chip, nvlinks(lookup_, most, most), matrix_.rows[a].at);
        continue;
      }
      for (std::size_t b = a + 1; b < ids_.size(); ++b)
        if (const auto links = nvlink_count(label(a, b)))
          builder_.connect(ids_[a], ids_[b], nvlinks(lookup_, sum, *links), matrix_.rows[a].at);
    }
  }
  DeviceId add_chip(const Position& at) {
    TopologyDevice device;
    device.kind = DeviceKind::nvswitch;
    device.name = "NVSwitch";
    return builder_.add(std::move(device), at);
  }

  Matrix matrix_;
  const TopologyLookup& lookup_;
  TopologyBuilder builder_;
  Position top_;
  std::vector<std::size_t> switch_of_;
  std::map<std::string, DeviceId> cpus_;
  std::vector<DeviceId> ids_;
};

}  // namespace

NodeTopology read_nvidia_smi(std::string_view text, const std::string& source,
                             const TopologyLookup& lookup) {
  std::vector<Fault> faults;
  Matrix matrix = parse(text, source, faults);
  return SmiReader(std::move(matrix), source, std::move(faults), lookup).read();
}

}  // namespace plimsoll
