#include "hardware/topology/topology_layout.hpp"

#include <algorithm>
#include <boost/range/iterator_range.hpp>
#include <cstddef>
#include <utility>

namespace plimsoll {
namespace {

constexpr double kMargin = 24;
constexpr double kTitle = 46;
constexpr double kSlot = 104;  ///< a GPU and the gap to its neighbour
constexpr double kGpuWidth = 92;
constexpr double kGpuHeight = 62;
constexpr double kRow = 34;  ///< height of switches
constexpr double kRowGap = 46;
constexpr double kCellGap = 16;  ///< between PCIe switches
constexpr double kCpuGap = 96;   ///< between CPUs, for the link and its label
constexpr double kNicWidth = 40;
constexpr double kNicHeight = 20;
constexpr double kChannel = 26;  ///< left of the NICs, for the line from their switch down

bool leads_up(const TopologyLink& link) {
  return link.kind == LinkKind::pcie || link.kind == LinkKind::c2c;
}

class Layouter {
 public:
  explicit Layouter(const NodeTopology& topology) : topology_(topology) {}

  TopologyLayout run() {
    find_parents();
    place_top();
    measure_rows();
    double x = kMargin;
    for (const DeviceId cpu : topology_.of(DeviceKind::cpu)) x = place_cpu(cpu, x) + kCpuGap;
    out_.width = std::max(x - kCpuGap + kMargin, 560.0);
    const double arcs = topology_.of(DeviceKind::cpu).size() > 2 ? 36 : 0;
    out_.height = cpu_y_ + kRow + 14 + arcs + 1.5 * kMargin;
    place_nvswitches();
    return std::move(out_);
  }

 private:
  /// Breadth first from the CPUs, over PCIe and C2C.
  void find_parents() {
    std::vector<DeviceId> queue = topology_.of(DeviceKind::cpu);
    std::vector<bool> seen(topology_.size(), false);
    for (const DeviceId cpu : queue) seen[cpu] = true;
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const auto edges = boost::out_edges(queue[i], topology_.graph());
      for (const auto edge : boost::make_iterator_range(edges)) {
        const DeviceId next = boost::target(edge, topology_.graph());
        if (seen[next] || !leads_up(topology_.graph()[edge])) continue;
        if (topology_.device(next).kind == DeviceKind::nvswitch) continue;
        seen[next] = true;
        out_.parent[next] = queue[i];
        if (topology_.device(next).kind == DeviceKind::pcie_switch) queue.push_back(next);
      }
    }
    for (const auto& [child, parent] : out_.parent) children_[parent].push_back(child);
  }

  std::vector<DeviceId> children(DeviceId of, DeviceKind kind) const {
    std::vector<DeviceId> found;
    if (const auto list = children_.find(of); list != children_.end())
      for (const DeviceId child : list->second)
        if (topology_.device(child).kind == kind) found.push_back(child);
    return found;
  }
  bool is_upper(DeviceId hub) const {
    return topology_.device(hub).kind == DeviceKind::pcie_switch &&
           !children(hub, DeviceKind::pcie_switch).empty();
  }

  void place_top() {
    const bool chips = !topology_.of(DeviceKind::nvswitch).empty();
    const bool direct = !chips && has_direct_links();
    const double arcs = std::min(190.0, 40 + 18.0 * static_cast<double>(topology_.gpus().size()));
    gpu_y_ = kTitle + (chips ? kRow + 96 : direct ? arcs : 10);
    out_.arc_base = gpu_y_;
  }
  bool has_direct_links() const {
    const auto edges = boost::edges(topology_.graph());
    return std::any_of(edges.first, edges.second,
                       [&](const auto& edge) { return is_scale_up(topology_.graph()[edge].kind); });
  }

  std::size_t nic_columns(double width) const {
    const double room = width - kChannel - 12;
    return std::max<std::size_t>(1, static_cast<std::size_t>(room / (kNicWidth + 4)));
  }
  double cell_width(DeviceId hub) const {
    const std::size_t gpus = children(hub, DeviceKind::gpu).size();
    const std::size_t nics = children(hub, DeviceKind::nic).size();
    const std::size_t columns = std::min<std::size_t>(nics, 4);
    const double for_nics =
        nics == 0 ? 0 : kChannel + 12 + static_cast<double>(columns) * (kNicWidth + 4);
    return std::max({kSlot * static_cast<double>(gpus), std::min(for_nics, 2 * kSlot), kSlot});
  }
  double nic_frame_height(std::size_t nics, std::size_t columns) const {
    if (nics == 0) return 0;
    const std::size_t rows = (nics + columns - 1) / columns;
    return static_cast<double>(rows) * (kNicHeight + 4) + 26;
  }

  void measure_rows() {
    const auto& switches = topology_.of(DeviceKind::pcie_switch);
    double nics = 0;
    std::size_t uppers = 0;
    const auto measure = [&](DeviceId hub) {
      const std::size_t count = children(hub, DeviceKind::nic).size();
      nics = std::max(nics, nic_frame_height(count, nic_columns(cell_width(hub))));
    };
    for (const DeviceId hub : switches) {
      measure(hub);
      if (is_upper(hub)) ++uppers;
    }
    for (const DeviceId cpu : topology_.of(DeviceKind::cpu)) measure(cpu);
    switch_y_ = gpu_y_ + kGpuHeight + kRowGap;
    nic_y_ = switch_y_ + (switches.empty() ? -kRowGap + 30 : kRow + 26);
    upper_y_ = nic_y_ + nics + 34;
    cpu_y_ = upper_y_ + (uppers > 0 ? kRow + kRowGap : 0);
  }

  /// Everything on a CPU, side by side; returns where it ends.
  double place_cpu(DeviceId cpu, double x) {
    const double begin = x;
    x = place_children(cpu, x);
    const double width = std::max(x - begin, 1.4 * kSlot);
    out_.boxes[cpu] = {begin, cpu_y_, width, kRow + 14};
    return begin + width;
  }

  double place_children(DeviceId hub, double x) {
    const std::vector<DeviceId> below = children(hub, DeviceKind::pcie_switch);
    for (const DeviceId child : below) {
      if (child != below.front()) x += kCellGap;
      x = is_upper(child) ? place_upper(child, x) : place_switch(child, x);
    }
    const bool bare =
        !children(hub, DeviceKind::gpu).empty() || !children(hub, DeviceKind::nic).empty();
    if (!bare) return x;
    if (!below.empty()) x += kCellGap;
    for (const DeviceId gpu : children(hub, DeviceKind::gpu)) x = place_gpu(gpu, x);
    const std::size_t nics = children(hub, DeviceKind::nic).size();
    if (nics == 0) return x;
    const double width =
        kChannel + 12 + static_cast<double>(std::min<std::size_t>(nics, 2)) * (kNicWidth + 4);
    place_nics(hub, x - kChannel + 8, std::max(width, 1.1 * kSlot));
    return x + std::max(width, 1.1 * kSlot) - kChannel + 8;
  }
  double place_upper(DeviceId hub, double x) {
    const double end = place_children(hub, x);
    out_.boxes[hub] = {x, upper_y_, end - x, kRow};
    return end;
  }
  double place_switch(DeviceId hub, double x) {
    const double width = cell_width(hub);
    const std::vector<DeviceId> gpus = children(hub, DeviceKind::gpu);
    double gpu_x = x + (width - kSlot * static_cast<double>(gpus.size())) / 2;
    for (const DeviceId gpu : gpus) gpu_x = place_gpu(gpu, gpu_x);
    out_.boxes[hub] = {x + 4, switch_y_, width - 8, kRow};
    place_nics(hub, x, width);
    return x + width;
  }
  double place_gpu(DeviceId gpu, double x) {
    out_.boxes[gpu] = {x + (kSlot - kGpuWidth) / 2, gpu_y_, kGpuWidth, kGpuHeight};
    return x + kSlot;
  }
  void place_nics(DeviceId hub, double x, double width) {
    const std::vector<DeviceId> nics = children(hub, DeviceKind::nic);
    if (nics.empty()) return;
    const std::size_t columns = std::min(nics.size(), nic_columns(width));
    const double height = nic_frame_height(nics.size(), columns);
    NicGroup group{hub, nics, {x + kChannel, nic_y_, width - kChannel - 4, height}};
    const double used = static_cast<double>(columns) * (kNicWidth + 4) - 4;
    const double left = group.frame.middle() - used / 2;
    for (std::size_t i = 0; i < nics.size(); ++i) {
      const std::size_t above = i / columns;
      const auto column = static_cast<double>(i % columns);
      const auto row = static_cast<double>(above);
      out_.boxes[nics[i]] = {left + column * (kNicWidth + 4), nic_y_ + 6 + row * (kNicHeight + 4),
                             kNicWidth, kNicHeight};
    }
    out_.nic_groups.push_back(std::move(group));
  }

  void place_nvswitches() {
    const auto& chips = topology_.of(DeviceKind::nvswitch);
    if (chips.empty()) return;
    const double room = out_.width - 2 * kMargin;
    const double slot = std::min(150.0, room / static_cast<double>(chips.size()));
    double x = kMargin + (room - slot * static_cast<double>(chips.size())) / 2;
    for (const DeviceId chip : chips) {
      out_.boxes[chip] = {x + 4, kTitle + 6, slot - 8, kRow};
      x += slot;
    }
  }

  const NodeTopology& topology_;
  TopologyLayout out_;
  std::map<DeviceId, std::vector<DeviceId>> children_;
  double gpu_y_ = 0;
  double switch_y_ = 0;
  double nic_y_ = 0;
  double upper_y_ = 0;
  double cpu_y_ = 0;
};

}  // namespace

TopologyLayout layout_of(const NodeTopology& topology) { return Layouter(topology).run(); }

}  // namespace plimsoll
