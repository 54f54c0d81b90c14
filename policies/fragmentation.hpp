// GPUs that are free and yet of no use: how much of a node's free GPUs the next worker, drawn from the typical ones,
// could not use, in expectation. Defined in FGD (USENIX ATC 2023), summed as
// hkust-adsl/kubernetes-scheduler-simulator does (frag.go: NodeGpuShareFragAmount), because the rule cuts scores to
// whole points and last bits decide ties.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "policies/node_fit.hpp"
#include "policies/typical_workers.hpp"

namespace plimsoll {

/// Of one node, for a set of typical workers. A plain value.
class Fragmentation {
 public:
  Fragmentation() = default;
  explicit Fragmentation(const std::vector<TypicalWorker>& workers);

  /// Thousandths of GPUs, of a node with that much CPU and GPU free. The result has the same bits on every machine:
  /// terms are added in the order of the typical workers within each cause, then the causes in a fixed order.
  double gpu_milli(const NodeFacts& node, std::int64_t free_cpu_milli,
                   std::span<const std::uint16_t> free_gpu_milli) const;
  double gpu_milli(const NodeState& node) const {
    return gpu_milli(node.facts, node.row.free_cpu_milli, node.free_gpu_milli());
  }

 private:
  /// A typical worker, ready to be looked up.
  struct Term {
    std::int64_t cpu_milli = 0;
    double weight = 0;
    GpuKinds gpu_kinds = kAnyGpuKind;
    std::int32_t gpus = 0;
    std::uint32_t size = 0;  ///< index of its gpu_milli among all
  };
  /// What of a node's GPUs a worker of one size sees.
  struct Usable {
    std::int32_t gpus;            ///< with enough free
    std::int32_t unusable_milli;  ///< free on the others
  };
  void look_at(std::span<const std::uint16_t> free_gpu_milli, std::span<Usable> by_size) const;

  static constexpr std::size_t kMostSizes = kWholeGpu;
  std::vector<Term> terms_;
  std::size_t sizes_ = 0;                                      ///< distinct gpu_milli of workers
  std::array<std::uint16_t, kWholeGpu + 1> sizes_that_fit_{};  ///< by what a GPU has free
};

}  // namespace plimsoll
