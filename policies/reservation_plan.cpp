#include "policies/reservation_plan.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "policies/free_gpus.hpp"
#include "policies/node_share.hpp"

namespace plimsoll {

namespace {

std::int64_t gpu_milli_of(const std::vector<NodeShare>& shares) {
  std::int64_t milli = 0;
  for (const NodeShare& share : shares) {
    milli += std::int64_t{std::popcount(share.devices)} * share.gpu_milli;
  }
  return milli;
}

/// Of two states of a node, what is free in both.
void keep_common(NodeRow& node, const NodeRow& other) {
  node.free_cpu_milli = std::min(node.free_cpu_milli, other.free_cpu_milli);
  node.free_memory = std::min(node.free_memory, other.free_memory);
  for (std::size_t gpu = 0; gpu < node.free_gpu_milli.size(); ++gpu) {
    const auto slices = static_cast<std::uint8_t>(node.mig_slices[gpu] | other.mig_slices[gpu]);
    const bool partitioned = node.mig_slices[gpu] != 0 || node.free_gpu_milli[gpu] == kWholeGpu;
    const bool other_too = other.mig_slices[gpu] != 0 || other.free_gpu_milli[gpu] == kWholeGpu;
    node.free_gpu_milli[gpu] = std::min(node.free_gpu_milli[gpu], other.free_gpu_milli[gpu]);
    if (slices != 0 && !(partitioned && other_too)) node.free_gpu_milli[gpu] = 0;
    node.mig_slices[gpu] = slices;
  }
}

SimTime end_from(SimTime start, Duration running) {
  return running > kNever - start ? kNever : start + running;
}

}  // namespace

/// The nodes as they are, and after each expected end.
void ReservationPlan::begin(const SchedulingCycle& cycle) {
  const ClusterView& view = cycle.view();
  nodes_.reset(view);
  first_reserved_.reset();
  stretches_.assign(1, {cycle.now(), view.nodes().rows(), 0});
  FreeGpus free;
  stretches_.front().gpu_milli = free.milli(view);
  const SimTime horizon =
      limits_.window == Duration{} ? kNever : end_from(cycle.now(), limits_.window);
  for (const auto& [expected, job] : ends_.of(view)) {
    // Who has outrun the estimate may end any time, but has not ended yet.
    const SimTime end = std::max(expected, cycle.now() + Duration{1});
    if (end >= horizon) break;
    if (stretches_.back().from != end) {
      stretches_.push_back(stretches_.back());
      stretches_.back().from = end;
    }
    const auto& shares = view.jobs().row(job).placement.shares;
    for (const NodeShare& share : shares) give_back(stretches_.back().nodes[share.node], share);
    stretches_.back().gpu_milli += gpu_milli_of(shares);
  }
}

void ReservationPlan::plan(SchedulingCycle& cycle, std::uint32_t job) {
  const ClusterView& view = cycle.view();
  const JobView& row = view.jobs().row(job);
  const Duration running = remaining_estimate(row, cycle.now());
  NotNow why;
  for (std::size_t first = 0; first < stretches_.size(); ++first) {
    const SimTime end = end_from(stretches_[first].from, running);
    Placement placement = place_from(view, first, row, end);
    if (first == 0) why = placement.why_not;
    if (!placement.placed()) continue;
    take(first, end, placement.shares);
    if (first == 0) {
      cycle.start(job, std::move(placement));
      return;
    }
    if (!first_reserved_) first_reserved_ = job;
    break;
  }
  cycle.not_now(job, why);
}

Placement ReservationPlan::place_from(const ClusterView& view, std::size_t first,
                                      const JobView& job, SimTime end) {
  const std::int64_t needed = gpu_milli_needed(job);
  std::size_t last = first;
  for (; last < stretches_.size() && stretches_[last].from < end; ++last) {
    if (stretches_[last].gpu_milli >= needed) continue;
    const bool now = last == first || !first_reserved_;
    return now ? Placement::not_now(Reason::no_free_gpus)
               : Placement::not_now(Reason::reserved, *first_reserved_);
  }
  std::vector<NodeRow> common = stretches_[first].nodes;
  for (std::size_t at = first + 1; at < last; ++at) {
    for (std::size_t node = 0; node < common.size(); ++node) {
      keep_common(common[node], stretches_[at].nodes[node]);
    }
  }
  for (std::uint32_t node = 0; node < view.nodes().size(); ++node) nodes_.set(node, common[node]);
  return nodes_.place(job);
}

void ReservationPlan::take(std::size_t first, SimTime end, const std::vector<NodeShare>& shares) {
  split(end);
  const std::int64_t milli = gpu_milli_of(shares);
  for (std::size_t at = first; at < stretches_.size() && stretches_[at].from < end; ++at) {
    for (const NodeShare& share : shares) plimsoll::take(stretches_[at].nodes[share.node], share);
    stretches_[at].gpu_milli -= milli;
  }
}

/// Begins a stretch at that time, if there is none and it is not beyond the last.
void ReservationPlan::split(SimTime at) {
  if (at == kNever) return;
  const auto after =
      std::upper_bound(stretches_.begin(), stretches_.end(), at,
                       [](SimTime time, const Stretch& stretch) { return time < stretch.from; });
  if (after == stretches_.begin() || std::prev(after)->from == at) return;
  Stretch copy = *std::prev(after);
  copy.from = at;
  stretches_.insert(after, std::move(copy));
}

}  // namespace plimsoll
