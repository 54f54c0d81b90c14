#include "policies/gpu_kind_places.hpp"

#include <algorithm>
#include <numeric>

#include "policies/node_fit.hpp"

namespace plimsoll {

std::vector<double> gpus_by_kind(const ClusterFacts& facts) {
  std::vector<double> gpus(facts.gpu_kinds.size(), 0);
  for (const NodeFacts& node : facts.nodes)
    if (node.gpu_kind >= 0) gpus[static_cast<std::size_t>(node.gpu_kind)] += node.gpus;
  return gpus;
}

std::size_t kind_of(const ClusterView& view, const JobView& job) {
  return static_cast<std::size_t>(view.facts().nodes[job.placement.shares.front().node].gpu_kind);
}

bool may_run_on(const JobView& job, std::size_t kind) {
  return (job.gang.front().each.gpu_kinds >> kind & 1) != 0;
}

double reported_speed(const JobView& job, std::size_t kind) {
  if (!may_run_on(job, kind)) return 0;
  const auto& profile = job.report.speed;
  return profile && kind < profile->steps_per_s.size() ? profile->steps_per_s[kind] : 1;
}

void KindOrder::see(const JobView& job) {
  double fastest = 0;
  for (std::size_t k = 0; k < rank_.size(); ++k)
    fastest = std::max(fastest, reported_speed(job, k));
  for (std::size_t k = 0; k < rank_.size() && fastest > 0; ++k)
    rank_[k] += reported_speed(job, k) / fastest;
}

std::vector<std::size_t> KindOrder::fastest_first() const {
  std::vector<std::size_t> order(rank_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rank_[a] > rank_[b]; });
  return order;
}

Placement place_on_kind(const ClusterView& view, const JobView& job, std::size_t kind,
                        std::uint32_t& first) {
  const ResourceRequest& each = job.gang.front().each;
  std::int32_t waiting = job.gang.front().workers;
  Placement placement;
  for (std::uint32_t node = first; node < view.nodes().size() && waiting > 0; ++node) {
    if (view.facts().nodes[node].gpu_kind != static_cast<std::int32_t>(kind)) continue;
    const NodeState state{view.facts().nodes[node], view.nodes().row(node), node};
    if (first_failed(state, each) != NodeFilter::passed) continue;
    const std::int32_t room = each.gpus > 0 ? idle_gpus(state) / each.gpus : waiting;
    const std::int32_t here = std::min(waiting, room);
    if (here == 0) continue;
    NodeShare share = worker_share(state, each, first_idle_gpus(state, here * each.gpus));
    share.workers = here;
    share.cpu_milli = here * each.cpu_milli;
    share.memory = std::int64_t{here} * each.memory;
    placement.shares.push_back(share);
    waiting -= here;
    first = node;
  }
  if (waiting > 0) return Placement::not_now(Reason::no_free_gpus);
  return placement;
}

}  // namespace plimsoll
