// Gangs close together: in the smallest domain of the closest level of topology that holds them, and within it in as
// few domains of each level below as can be. A job's required level is the widest that it accepts.
#include <algorithm>

#include "policies/domain_tree.hpp"
#include "policies/node_share.hpp"
#include "policies/registry.hpp"

namespace {

using namespace plimsoll;

class TopologyAware final : public PlacementRule {
 public:
  explicit TopologyAware(const PolicyContext&) {}

  Placement place(const ClusterView& view, const JobView& job) override {
    tree_.follow(view);
    const std::size_t widest =
        job.required_level >= 0 ? static_cast<std::size_t>(job.required_level) : tree_.levels() - 1;
    for (std::size_t level = 0; level <= widest; ++level) {
      Placement placement = place_at(view, job, level);
      if (placement.placed()) return placement;
    }
    if (widest + 1 < tree_.levels() && place_in(view, job, tree_.levels() - 1, 0).placed()) {
      return Placement::not_now(Reason::topology, static_cast<std::uint32_t>(widest));
    }
    return Placement::not_now(Reason::no_free_gpus, static_cast<std::uint32_t>(least_workers(job)));
  }

  std::unique_ptr<PlacementRule> clone() const override {
    return std::make_unique<TopologyAware>(*this);
  }

 private:
  /// Workers of one part that are still to be placed.
  struct Rest {
    ResourceRequest each;
    std::int64_t workers = 0;
    std::size_t first_share = 0;  ///< of this part
  };

  static std::int64_t least_workers(const JobView& job) {
    std::int64_t workers = 0;
    for (const SubGang& part : job.gang) workers += job.elastic() ? job.min_workers : part.workers;
    return workers;
  }

  std::int64_t room(std::size_t level, std::uint32_t domain, const ResourceRequest& each) const {
    const bool whole = each.gpus > 0 && each.gpu_milli == kWholeGpu;
    return whole ? tree_.room(level, domain, each.gpus) : kUnknown;
  }

  static std::int64_t least_gpus(const JobView& job) {
    std::int64_t gpus = 0;
    for (const SubGang& part : job.gang) {
      if (part.each.gpu_milli < kWholeGpu) continue;  // a GPU that is shared is not idle
      gpus += std::int64_t{part.each.gpus} * (job.elastic() ? job.min_workers : part.workers);
    }
    return gpus;
  }

  bool has_room(std::size_t level, std::uint32_t domain, const JobView& job) const {
    return std::all_of(job.gang.begin(), job.gang.end(), [&](const SubGang& part) {
      return room(level, domain, part.each) >= (job.elastic() ? job.min_workers : part.workers);
    });
  }

  /// In the domain with least idle GPUs that takes all of the gang.
  Placement place_at(const ClusterView& view, const JobView& job, std::size_t level) {
    const DomainTree::ByIdle& domains = tree_.by_idle(level);
    auto next = domains.lower_bound({least_gpus(job), 0});
    while (next != domains.end()) {
      const auto domain = *next;  // a copy: trials move the entries and put them back
      if (has_room(level, domain.second, job)) {
        Placement placement = place_in(view, job, level, domain.second);
        if (placement.placed()) return placement;
      }
      next = domains.upper_bound(domain);
    }
    return Placement::not_now(Reason::no_free_gpus);
  }

  Placement place_in(const ClusterView& view, const JobView& job, std::size_t level,
                     std::uint32_t domain) {
    Placement placement;
    for (const SubGang& part : job.gang) {
      Rest rest{part.each, job.elastic() ? job.max_workers : part.workers, placement.shares.size()};
      fill(view, level, domain, rest, placement);
      const std::int64_t may_miss = job.elastic() ? job.max_workers - job.min_workers : 0;
      if (rest.workers > may_miss) {
        placement = Placement::not_now(Reason::no_free_gpus,
                                       static_cast<std::uint32_t>(rest.workers - may_miss));
        break;
      }
    }
    tree_.take_back_trials(view);
    return placement;
  }

  /// Places what it can of the rest in a domain: in the smallest child that holds it all, or else in the largest, and
  /// so on with what is left.
  void fill(const ClusterView& view, std::size_t level, std::uint32_t domain, Rest& rest,
            Placement& placement) {
    const std::vector<std::uint32_t>& children = tree_.children(level, domain);
    std::vector<std::pair<std::int64_t, std::uint32_t>> rooms;
    for (const std::uint32_t child : children) {
      const std::int64_t workers =
          level == 0 ? node_room(view, child, rest) : room(level - 1, child, rest.each);
      if (workers > 0) rooms.emplace_back(-workers, child);
    }
    std::sort(rooms.begin(), rooms.end());  // the largest first
    for (std::size_t next = 0; next < rooms.size() && rest.workers > 0; ++next) {
      std::size_t chosen = next;
      for (std::size_t at = next; at < rooms.size() && -rooms[at].first >= rest.workers; ++at) {
        if (rooms[at].first != rooms[chosen].first) chosen = at;
      }
      std::rotate(rooms.begin() + static_cast<std::ptrdiff_t>(next),
                  rooms.begin() + static_cast<std::ptrdiff_t>(chosen),
                  rooms.begin() + static_cast<std::ptrdiff_t>(chosen) + 1);
      if (level == 0) {
        fill_node(view, rooms[next].second, rest, placement);
      } else {
        fill(view, level - 1, rooms[next].second, rest, placement);
      }
    }
  }

  std::int64_t node_room(const ClusterView& view, std::uint32_t row, const Rest& rest) const {
    const NodeState node{view.facts().nodes[row], tree_.node(row)};
    if (first_failed(node, rest.each) != NodeFilter::passed) return 0;
    const bool whole = rest.each.gpus > 0 && !asks_for_share(rest.each);
    return whole ? idle_gpus(node) / rest.each.gpus : kUnknown;
  }

  void fill_node(const ClusterView& view, std::uint32_t row, Rest& rest, Placement& placement) {
    const ResourceRequest& each = rest.each;
    while (rest.workers > 0) {
      const NodeState node{view.facts().nodes[row], tree_.node(row), row};
      if (first_failed(node, each) != NodeFilter::passed) return;
      const std::uint16_t devices = each.gpus > 0 ? tightest_gpus(node, each) : std::uint16_t{0};
      const NodeShare share = worker_share(node, each, devices);
      tree_.take_on_trial(row, share);
      join(placement.shares, rest.first_share, share);
      --rest.workers;
    }
  }

  static constexpr std::int64_t kUnknown = std::int64_t{1} << 40;  ///< GPUs alone do not tell

  DomainTree tree_;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(
    topology_aware, TopologyAware,
    "Gangs in the smallest domain of the closest level of topology that holds them.")
