#include "hardware/topology/topology_svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/range/iterator_range.hpp>
#include <cmath>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "hardware/topology/topology_layout.hpp"

namespace plimsoll {
namespace {

struct KindStyle {
  std::string_view colour;
  std::string_view title;
};

KindStyle style_of(LinkKind kind) {
  switch (kind) {
    case LinkKind::nvlink:
      return {"#4c9a00", "NVLink"};
    case LinkKind::infinity_fabric:
      return {"#c8102e", "Infinity Fabric"};
    case LinkKind::c2c:
      return {"#00857d", "NVLink-C2C"};
    case LinkKind::pcie:
      return {"#2b6cb0", "PCIe"};
    case LinkKind::cpu:
      return {"#6b46c1", "between CPUs"};
    case LinkKind::network:
      break;
  }
  return {"#c05621", "network"};
}

struct BoxStyle {
  std::string_view fill;
  std::string_view line;
};
BoxStyle box_style(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::gpu:
      return {"#e6f4d7", "#4c9a00"};
    case DeviceKind::nvswitch:
      return {"#cfe8b0", "#3a7500"};
    case DeviceKind::pcie_switch:
      return {"#dbeafe", "#2b6cb0"};
    case DeviceKind::cpu:
      return {"#ede9fe", "#6b46c1"};
    case DeviceKind::nic:
    case DeviceKind::network:
      break;
  }
  return {"#feebc8", "#c05621"};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

/// As much as `most` letters hold.
std::string shortened(std::string text, std::size_t most) {
  for (const std::string_view prefix : {"nvidia_", "amd_", "NVIDIA "})
    if (text.starts_with(prefix)) text.erase(0, prefix.size());
  if (text.size() > most) text = text.substr(0, most - 1) + "…";
  return text;
}

std::string gigabytes(BytesPerSecond rate) {
  const double gb = rate.count() / 1e9;
  return gb >= 100 || std::fabs(gb - std::round(gb)) < 0.05 ? fmt::format("{:.0f}", gb)
                                                            : fmt::format("{:.1f}", gb);
}

class Picture {
 public:
  explicit Picture(const NodeTopology& topology)
      : topology_(topology), layout_(layout_of(topology)) {
    const TopologyGraph& graph = topology.graph();
    for (const auto edge : boost::make_iterator_range(boost::edges(graph)))
      if (is_scale_up(graph[edge].kind))
        longest_ = std::max(longest_, std::fabs(box(boost::source(edge, graph)).middle() -
                                                box(boost::target(edge, graph)).middle()));
  }

  std::string draw() {
    draw_links();
    draw_boxes();
    draw_legend();
    const std::string title = fmt::format(
        "{}{}", escaped(topology_.name().substr(topology_.name().rfind('/') + 1)),
        topology_.nvlink_nodes() > 1
            ? fmt::format(": its NVSwitches join {} such nodes", topology_.nvlink_nodes())
            : "");
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
        "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"Helvetica, Arial, sans-serif\">\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        "<text x=\"24\" y=\"30\" font-size=\"18\" font-weight=\"bold\" "
        "fill=\"#1a202c\">{2}</text>\n"
        "{3}</svg>\n",
        layout_.width, layout_.height, title, out_);
  }

 private:
  void text(double x, double y, double size, std::string_view what,
            std::string_view colour = "#1a202c", bool bold = false,
            std::string_view anchor = "middle") {
    out_ += fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{:.0f}\" text-anchor=\"{}\" fill=\"{}\"{}>{}"
        "</text>\n",
        x, y, size, anchor, colour, bold ? " font-weight=\"bold\"" : "", escaped(what));
  }
  /// On a white ground, so that a line below does not cross it.
  void label(double x, double y, std::string_view what, std::string_view colour) {
    const double width = 6.0 * static_cast<double>(what.size()) + 4;
    out_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"13\" fill=\"white\"/>\n",
        x - width / 2, y - 10, width);
    text(x, y, 10, what, colour);
  }
  void line(double x1, double y1, double x2, double y2, LinkKind kind, double width) {
    out_ += fmt::format(
        "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" "
        "stroke-width=\"{:.1f}\"/>\n",
        x1, y1, x2, y2, style_of(kind).colour, width);
  }
  void arc(double x1, double x2, double y, double height, LinkKind kind, double width) {
    out_ += fmt::format(
        "<path d=\"M {:.1f} {:.1f} C {:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}\" fill=\"none\" "
        "stroke=\"{}\" stroke-width=\"{:.1f}\"/>\n",
        x1, y, x1, y - height * 4 / 3, x2, y - height * 4 / 3, x2, y, style_of(kind).colour, width);
  }
  const Box& box(DeviceId id) const { return layout_.boxes.at(id); }
  bool placed(DeviceId id) const { return layout_.boxes.contains(id); }

  void draw_links() {
    const TopologyGraph& graph = topology_.graph();
    for (const auto edge : boost::make_iterator_range(boost::edges(graph))) {
      DeviceId a = boost::source(edge, graph);
      DeviceId b = boost::target(edge, graph);
      const TopologyLink& link = graph[edge];
      kinds_[link.kind].insert(link.bandwidth.count() / link.links);
      if (!placed(a) || !placed(b)) continue;
      if (topology_.device(a).kind > topology_.device(b).kind) std::swap(a, b);
      if (is_scale_up(link.kind)) {
        draw_scale_up(a, b, link);
      } else if (link.kind == LinkKind::cpu) {
        draw_between_cpus(a, b, link);
      } else if (topology_.device(a).kind == DeviceKind::gpu) {
        draw_down(a, b, link);
      }
    }
    for (const DeviceId hub : topology_.of(DeviceKind::pcie_switch)) draw_uplink(hub);
    for (const NicGroup& group : layout_.nic_groups) draw_nic_line(group);
  }

  void draw_scale_up(DeviceId a, DeviceId b, const TopologyLink& link) {
    const double width = 0.9 + 0.25 * std::min(link.links, 6);
    const Box& from = box(a);
    const Box& to = box(b);
    if (topology_.device(b).kind == DeviceKind::nvswitch)
      return line(from.middle(), from.y, to.middle(), to.bottom(), link.kind, width);
    const double span = std::fabs(from.middle() - to.middle());
    const double room = layout_.arc_base - 70;
    const double height = 14 + (room - 14) * span / longest_;
    // each arc ends at a place of its own, farther partners farther out
    const double shift = from.width * 0.42 * span / longest_;
    const double side = from.middle() < to.middle() ? 1.0 : -1.0;
    arc(from.middle() + side * shift, to.middle() - side * shift, layout_.arc_base, height,
        link.kind, width);
  }

  void draw_between_cpus(DeviceId a, DeviceId b, const TopologyLink& link) {
    const Box* left = &box(a);
    const Box* right = &box(b);
    if (left->x > right->x) std::swap(left, right);
    const auto between = [&](DeviceId other) {
      return box(other).x > left->x && box(other).x < right->x;
    };
    const auto& cpus = topology_.of(DeviceKind::cpu);
    const double y = left->y + left->height / 2;
    if (std::none_of(cpus.begin(), cpus.end(), between)) {
      line(left->right(), y, right->x, y, link.kind, 3);
      label((left->right() + right->x) / 2, y - 8, gigabytes(link.bandwidth) + " GB/s",
            style_of(link.kind).colour);
    } else {
      arc(left->middle(), right->middle(), left->bottom(), -26, link.kind, 1.5);
    }
  }

  /// From a GPU to its PCIe switch or CPU.
  void draw_down(DeviceId gpu, DeviceId hub, const TopologyLink& link) {
    const double x = box(gpu).middle();
    line(x, box(gpu).bottom(), x, box(hub).y, link.kind, 2);
    label(x, box(gpu).bottom() + 27, gigabytes(link.bandwidth), style_of(link.kind).colour);
  }

  const TopologyLink* link_between(DeviceId a, DeviceId b) const {
    for (const auto edge : boost::make_iterator_range(boost::out_edges(a, topology_.graph())))
      if (boost::target(edge, topology_.graph()) == b) return &topology_.graph()[edge];
    return nullptr;
  }

  /// From a PCIe switch down its channel to the CPU (or the switch above it).
  void draw_uplink(DeviceId hub) {
    const auto parent = layout_.parent.find(hub);
    if (parent == layout_.parent.end() || !placed(hub)) return;
    const TopologyLink* link = link_between(hub, parent->second);
    const Box& own = box(hub);
    const double x = own.x + 12;
    line(x, own.bottom(), x, box(parent->second).y, link->kind, 3);
    label(x + 6, box(parent->second).y - 12, gigabytes(link->bandwidth),
          style_of(link->kind).colour);
  }

  void draw_nic_line(const NicGroup& group) {
    const TopologyLink* link = link_between(group.nics.front(), group.hub);
    const bool below_cpu = topology_.device(group.hub).kind == DeviceKind::cpu;
    const double x = group.frame.middle();
    const double from = below_cpu ? group.frame.bottom() : box(group.hub).bottom();
    const double to = below_cpu ? box(group.hub).y : group.frame.y;
    line(x, from, x, to, link->kind, 2);
    const std::string each = group.nics.size() > 1 ? fmt::format("{}× ", group.nics.size()) : "";
    text(x + 5, (from + to) / 2 + 4, 10, each + gigabytes(link->bandwidth),
         style_of(link->kind).colour, false, "start");
  }

  void draw_boxes() {
    for (const NicGroup& group : layout_.nic_groups) draw_frame(group);
    for (const auto& [id, place] : layout_.boxes) {
      const TopologyDevice& device = topology_.device(id);
      const BoxStyle style = box_style(device.kind);
      out_ += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"5\" "
          "fill=\"{}\" stroke=\"{}\" stroke-width=\"1.5\"><title>{} {}</title></rect>\n",
          place.x, place.y, place.width, place.height, style.fill, style.line, escaped(device.name),
          escaped(device.model));
      draw_caption(id, place);
    }
  }
  void draw_frame(const NicGroup& group) {
    const Box& frame = group.frame;
    out_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"5\" "
        "fill=\"#fffaf0\" stroke=\"#c05621\" stroke-dasharray=\"3 3\"/>\n",
        frame.x, frame.y, frame.width, frame.height);
    const auto& networks = topology_.of(DeviceKind::network);
    const TopologyLink* cable =
        networks.empty() ? nullptr : link_between(group.nics.front(), networks.front());
    const std::string what = cable == nullptr
                                 ? "network"
                                 : fmt::format("{} GB/s{}", gigabytes(cable->bandwidth),
                                               group.nics.size() > 1 ? " each" : "");
    text(frame.middle(), frame.bottom() - 7, 10, what, style_of(LinkKind::network).colour);
  }

  void draw_caption(DeviceId id, const Box& place) {
    const TopologyDevice& device = topology_.device(id);
    const double x = place.middle();
    switch (device.kind) {
      case DeviceKind::gpu:
        text(x, place.y + 19, 13, fmt::format("GPU {}", device.index), "#1a202c", true);
        text(x, place.y + 35, 10, shortened(device.model, 15));
        text(x, place.y + 51, 9, scale_up_caption(id), "#3a7500");
        return;
      case DeviceKind::nvswitch:
        if (place.width > 90)
          return text(x, place.y + 21, 12, fmt::format("NVSwitch {}", device.index));
        text(x, place.y + 14, 8, place.width > 26 ? "NVS" : "");
        return text(x, place.y + 26, 10, fmt::format("{}", device.index));
      case DeviceKind::pcie_switch:
        text(x, place.y + 21, 11,
             place.width > 120 ? fmt::format("PCIe switch {}", device.index)
                               : fmt::format("PCIe sw. {}", device.index));
        return;
      case DeviceKind::cpu:
        text(x, place.y + 29, 14,
             fmt::format("CPU {} {}", device.index, shortened(device.model, 24)), "#1a202c", true);
        return;
      case DeviceKind::nic:
        text(x, place.y + 14, 10, fmt::format("NIC {}", device.index));
        return;
      case DeviceKind::network:
        return;
    }
  }

  std::string scale_up_caption(DeviceId gpu) const {
    BytesPerSecond sum{0};
    std::int32_t links = 0;
    const TopologyGraph& graph = topology_.graph();
    for (const auto edge : boost::make_iterator_range(boost::out_edges(gpu, graph))) {
      if (!is_scale_up(graph[edge].kind)) continue;
      sum += graph[edge].bandwidth;
      links += graph[edge].links;
    }
    return links == 0 ? "PCIe only" : fmt::format("{} links {} GB/s", links, gigabytes(sum));
  }

  void draw_legend() {
    double x = 24;
    double y = layout_.height;
    for (const auto& [kind, rates] : kinds_) {
      std::vector<std::string> texts;
      for (const double rate : rates) texts.push_back(gigabytes(BytesPerSecond{rate}));
      const std::string what =
          fmt::format("{} {} GB/s{}", style_of(kind).title, fmt::join(texts, ", "),
                      is_scale_up(kind) ? " per link" : "");
      const double width = 52 + 6.4 * static_cast<double>(what.size());
      if (x > 24 && x + width > layout_.width) {
        x = 24;
        y += 20;
      }
      line(x, y - 4, x + 24, y - 4, kind, 4);
      text(x + 30, y, 11, what, "#1a202c", false, "start");
      x += width;
    }
    text(24, y + 18, 10, "Bandwidths in one direction.", "#4a5568", false, "start");
    layout_.height = y + 30;
  }

  const NodeTopology& topology_;
  TopologyLayout layout_;
  double longest_ = 1;  ///< distance of two devices with a scale-up link
  std::map<LinkKind, std::set<double>> kinds_;
  std::string out_;
};

}  // namespace

std::string topology_svg(const NodeTopology& topology) { return Picture(topology).draw(); }

}  // namespace plimsoll
