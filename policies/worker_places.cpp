#include "policies/worker_places.hpp"

#include <algorithm>
#include <limits>

#include "core/assert.hpp"

namespace plimsoll {

namespace {

/// Below all that come close: nodes that will not take the worker, whatever frees up.
constexpr std::int32_t kNeverFits = std::numeric_limits<std::int32_t>::min() + 1;

/// Of lacking GPUs, CPU or memory, GPUs weigh most and memory least: steps of closeness.
constexpr std::int32_t kLackOfGpus = 1 << 28;
constexpr std::int32_t kLackOfCpu = 1 << 24;

std::uint32_t& count_of(NodesRejected& rejected, NodeFilter filter) {
  switch (filter) {
    case NodeFilter::unschedulable:
      return rejected.unschedulable;
    case NodeFilter::gpu_kind:
      return rejected.gpu_kind;
    case NodeFilter::gpus:
      return rejected.gpus;
    case NodeFilter::cpu:
      return rejected.cpu;
    default:
      return rejected.memory;
  }
}

}  // namespace

WorkerPlaces::WorkerPlaces(const ResourceRequest& worker, const ClusterFacts& facts)
    : worker_(worker),
      highest_(static_cast<std::uint32_t>(facts.nodes.size())),
      failed_(facts.nodes.size(), NodeFilter::passed),
      looked_in_(facts.nodes.size(), 0) {
  for (const NodeFacts& node : facts.nodes) most_ += workers_when_idle(node, worker);
}

std::uint32_t WorkerPlaces::fitting() const {
  return size() - rejected_.unschedulable - rejected_.gpu_kind - rejected_.gpus - rejected_.cpu -
         rejected_.memory;
}

std::uint32_t WorkerPlaces::nth_fitting(std::uint32_t n) const {
  for (std::uint32_t row = 0; row < size(); ++row) {
    if (fits(row) && n-- == 0) return row;
  }
  PLIMSOLL_ASSERT(false, "fewer than {} of {} nodes fit", n, size());
  return 0;
}

std::int32_t WorkerPlaces::closeness(const NodeState& node, NodeFilter failed) const {
  if (failed == NodeFilter::unschedulable || failed == NodeFilter::gpu_kind) return kNeverFits;
  if (workers_when_idle(node.facts, worker_) == 0) return kNeverFits;
  const Shortfall lacking = shortfall(node, worker_);
  if (lacking.gpu_milli > 0) return -kLackOfGpus - lacking.gpu_milli;
  if (lacking.cpu_milli > 0) {
    return -kLackOfCpu -
           static_cast<std::int32_t>(std::min<std::int64_t>(lacking.cpu_milli, kLackOfCpu));
  }
  constexpr std::int64_t kStep = std::int64_t{1} << 27;  // bytes
  const std::int64_t steps = lacking.memory.count() / kStep + 1;
  return -static_cast<std::int32_t>(std::min<std::int64_t>(steps, kLackOfCpu - 1));
}

void WorkerPlaces::set(std::uint32_t row, NodeFilter failed, std::int32_t value) {
  if (failed_[row] != failed) {
    if (failed_[row] != NodeFilter::passed) --count_of(rejected_, failed_[row]);
    if (failed != NodeFilter::passed) ++count_of(rejected_, failed);
    failed_[row] = failed;
  }
  highest_.set(row, value);
}

NotNow WorkerPlaces::why_not(const ViewTable<NodeRow>& nodes, const ClusterFacts& facts,
                             std::int32_t waiting, std::int32_t wanted) const {
  NotNow why;
  why.blocking = static_cast<std::uint32_t>(waiting);
  why.rejected = rejected_;
  if (size() > 0 && rejected_.gpu_kind == size()) {
    why.reason = Reason::gpu_kind;
  } else if (!ever_fit(wanted)) {
    why.reason = Reason::never_fits;
  } else {
    const bool lacks_cpu = rejected_.cpu + rejected_.memory > 0 || worker_.gpus == 0;
    why.reason = lacks_cpu ? Reason::no_free_cpu : Reason::no_free_gpus;
  }
  if (size() > 0 && highest_.best_value() > kNeverFits) {
    const std::uint32_t nearest = highest_.best();
    why.nearest = shortfall({facts.nodes[nearest], nodes.row(nearest)}, worker_);
    why.nearest.node = nearest;
  }
  return why;
}

}  // namespace plimsoll
