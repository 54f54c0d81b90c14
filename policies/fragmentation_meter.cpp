#include "policies/fragmentation_meter.hpp"

namespace plimsoll {

namespace {

constexpr double kSteps = 0x1p32;  ///< in a thousandth of a GPU

}  // namespace

void FragmentationMeter::follow(const ClusterView& view) {
  const bool known = nodes_.size() == view.nodes().size();
  nodes_.resize(view.nodes().size());
  const auto look = [&](std::uint32_t row) { look_at(view, row); };
  if (!known || !view.nodes().changes_since(version_, look)) {
    for (std::uint32_t row = 0; row < view.nodes().size(); ++row) look(row);
  }
  version_ = view.nodes().version();
}

void FragmentationMeter::look_at(const ClusterView& view, std::uint32_t row) {
  if (!only_.empty() && !only_[row]) return;
  const NodeState node{view.facts().nodes[row], view.nodes().row(row), row};
  const OfNode now{static_cast<std::int64_t>(fragmentation_.gpu_milli(node) * kSteps + 0.5),
                   free_gpu_milli_sum(node)};
  lost_ += now.lost - nodes_[row].lost;
  free_ += now.free - nodes_[row].free;
  nodes_[row] = now;
}

double FragmentationMeter::gpu_milli() const { return static_cast<double>(lost_) / kSteps; }

double FragmentationMeter::ratio() const {
  return free_ > 0 ? gpu_milli() / static_cast<double>(free_) : 0.0;
}

}  // namespace plimsoll
