#include "hardware/topology/collective_cost.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/portable_math.hpp"

namespace plimsoll {
namespace {

double log2_of(double x) { return portable::log(x) / portable::log(2.0); }

bool reduces_all(CollectiveOperation operation) {
  return operation == CollectiveOperation::all_reduce;
}

/// us that `bytes` take at a rate.
double us_at(double bytes, double bytes_per_second) { return bytes / bytes_per_second * 1e6; }

double slowdown_of(const CollectiveTerm& term, double gpus) {
  return term.slowdown + term.slowdown_over_gpus / gpus;
}

/// The best of the ways looked at so far.
class Fastest {
 public:
  void offer(double us, CollectiveAlgorithm algorithm, CollectiveProtocol protocol) {
    if (us < best_.us) best_ = {us, algorithm, protocol};
  }
  CollectiveTime best() const { return best_; }

 private:
  CollectiveTime best_{std::numeric_limits<double>::infinity(), {}, {}};
};

bool may_use(const CollectiveTerm& term, double bytes, const CollectiveGroup& group) {
  if (term.most.count() > 0 && bytes > static_cast<double>(term.most.count())) return false;
  return term.algorithm != CollectiveAlgorithm::nvls || (group.switched && group.one_island);
}

double ring_step_us(const NetworkSteps& steps, CollectiveProtocol protocol) {
  if (protocol == CollectiveProtocol::ll) return steps.ring_ll_us;
  return protocol == CollectiveProtocol::ll128 ? steps.ring_ll128_us : steps.ring_simple_us;
}
double tree_step_us(const NetworkSteps& steps, CollectiveProtocol protocol) {
  if (protocol == CollectiveProtocol::ll) return steps.tree_ll_us;
  return protocol == CollectiveProtocol::ll128 ? steps.tree_ll128_us : steps.tree_simple_us;
}

/// The ways between nodes that one term of the node's own law gives rise to.
class BetweenNodes {
 public:
  BetweenNodes(const CollectiveFit& fit, double bytes, const CollectiveGroup& group)
      : fit_(fit),
        bytes_(bytes),
        group_(group),
        gpus_(group.gpus),
        nodes_(group.nodes),
        per_node_(group.gpus_per_node),
        extra_us_(to_seconds(group.network_latency) * 1e6) {}

  CollectiveTime time() {
    for (const CollectiveTerm& term : fit_.terms) {
      if (!may_use(term, bytes_, group_)) continue;
      if (fit_.operation == CollectiveOperation::send_recv) {
        send(term);
      } else if (term.algorithm == CollectiveAlgorithm::pairwise) {
        pairwise(term);
      } else if (term.algorithm == CollectiveAlgorithm::nvls) {
        switches(term);
      } else {
        ring(term);
        if (reduces_all(fit_.operation)) tree(term);
      }
    }
    return fastest_.best();
  }

 private:
  /// What a byte takes on a GPU's link, us. A node with one GPU of the group has no such link.
  double link_us(const CollectiveTerm& term, double bytes) const {
    if (per_node_ < 2) return 0;
    const BytesPerSecond link =
        group_.gpu_bandwidth.count() > 0 ? group_.gpu_bandwidth : fit_.bandwidth;
    return us_at(bytes, link.count()) * slowdown_of(term, gpus_);
  }
  double network_us(double bytes) const { return us_at(bytes, group_.network.count()); }

  void ring(const CollectiveTerm& term) {
    const double all = step_count(fit_.operation, CollectiveAlgorithm::ring, gpus_);
    const double between = reduces_all(fit_.operation) ? 2 * (nodes_ - 1) : nodes_ - 1;
    const double wire = wire_share(fit_.operation, CollectiveAlgorithm::ring, gpus_) * bytes_;
    const double steps = (all - between) * term.step_us +
                         between * (ring_step_us(group_.steps, term.protocol) + extra_us_);
    fastest_.offer(term.launch_us + steps + std::max(link_us(term, wire), network_us(wire)),
                   CollectiveAlgorithm::ring, term.protocol);
  }
  void tree(const CollectiveTerm& term) {
    const double wire = 2 * bytes_;
    const double steps =
        2 * ((per_node_ - 1) * term.step_us +
             log2_of(nodes_) * (tree_step_us(group_.steps, term.protocol) + extra_us_));
    fastest_.offer(term.launch_us + steps + std::max(link_us(term, wire), network_us(wire)),
                   CollectiveAlgorithm::tree, term.protocol);
  }
  void switches(const CollectiveTerm& term) {
    const double inside = wire_share(fit_.operation, term.algorithm, per_node_) * bytes_;
    const double steps = step_count(fit_.operation, term.algorithm, per_node_) * term.step_us +
                         2 * log2_of(nodes_) * (group_.steps.nvls_tree_us + extra_us_);
    fastest_.offer(term.launch_us + steps + std::max(link_us(term, inside), network_us(2 * bytes_)),
                   term.algorithm, term.protocol);
  }
  void pairwise(const CollectiveTerm& term) {
    const double inside = (per_node_ - 1) / gpus_ * bytes_;
    const double outside = per_node_ * (gpus_ - per_node_) / gpus_ * bytes_;
    const double steps =
        (per_node_ - 1) * term.step_us + (nodes_ - 1) * group_.steps.ring_ll_us + extra_us_;
    fastest_.offer(term.launch_us + steps + std::max(link_us(term, inside), network_us(outside)),
                   term.algorithm, term.protocol);
  }
  void send(const CollectiveTerm& term) {
    fastest_.offer(
        term.launch_us + ring_step_us(group_.steps, term.protocol) + extra_us_ + network_us(bytes_),
        term.algorithm, term.protocol);
  }

  const CollectiveFit& fit_;
  double bytes_;
  const CollectiveGroup& group_;
  double gpus_;
  double nodes_;
  double per_node_;
  double extra_us_;
  Fastest fastest_;
};

}  // namespace

const CollectiveFit* nearest_fit(const CollectiveSpec& spec, std::string_view library,
                                 CollectiveOperation operation, std::int32_t gpus,
                                 std::int32_t nodes, std::string_view version) {
  const CollectiveFit* best = nullptr;
  double least = std::numeric_limits<double>::infinity();
  const auto consider = [&](std::int32_t on_nodes) {
    for (const CollectiveFit& fit : spec.fits) {
      if (fit.library != library || fit.operation != operation || fit.nodes != on_nodes) continue;
      const bool has_version =
          version.empty() || fit.versions.empty() ||
          std::find(fit.versions.begin(), fit.versions.end(), version) != fit.versions.end();
      for (const std::int32_t size : fit.gpus) {
        const double far =
            std::fabs(log2_of(static_cast<double>(size) / gpus)) + (has_version ? 0.0 : 100.0);
        if (far > least) continue;
        least = far;
        best = &fit;
      }
    }
  };
  consider(nodes);
  if (best == nullptr && nodes > 1) consider(1);
  return best;
}

double wire_share(CollectiveOperation operation, CollectiveAlgorithm algorithm, double gpus) {
  if (operation == CollectiveOperation::send_recv) return 1;
  if (algorithm == CollectiveAlgorithm::one_shot) return gpus - 1;
  if (algorithm == CollectiveAlgorithm::nvls) return 1;
  if (algorithm == CollectiveAlgorithm::tree) return 2;
  return (reduces_all(operation) ? 2 : 1) * (gpus - 1) / gpus;
}

double step_count(CollectiveOperation operation, CollectiveAlgorithm algorithm, double gpus) {
  if (operation == CollectiveOperation::send_recv) return 1;
  const double passes = reduces_all(operation) ? 2 : 1;
  switch (algorithm) {
    case CollectiveAlgorithm::one_shot:
      return 1;
    case CollectiveAlgorithm::two_shot:
      return 2;
    case CollectiveAlgorithm::nvls:
      return passes;
    case CollectiveAlgorithm::tree:
      return 2 * log2_of(gpus);
    case CollectiveAlgorithm::pairwise:
      return gpus - 1;
    case CollectiveAlgorithm::ring:
      break;
  }
  return passes * (gpus - 1);
}

double term_us(const CollectiveTerm& term, CollectiveOperation operation, double bytes, double gpus,
               BytesPerSecond bandwidth) {
  return term.launch_us + step_count(operation, term.algorithm, gpus) * term.step_us +
         us_at(wire_share(operation, term.algorithm, gpus) * bytes, bandwidth.count()) *
             slowdown_of(term, gpus);
}

CollectiveTime collective_time(const CollectiveFit& fit, Bytes bytes,
                               const CollectiveGroup& group) {
  if (group.gpus < 2) return {};
  const auto size = static_cast<double>(bytes.count());
  if (group.nodes > 1 && fit.nodes == 1) return BetweenNodes(fit, size, group).time();
  const BytesPerSecond bandwidth = group.nodes > 1 ? group.network : group.gpu_bandwidth;
  Fastest fastest;
  for (const CollectiveTerm& term : fit.terms) {
    if (!may_use(term, size, group)) continue;
    fastest.offer(term_us(term, fit.operation, size, group.gpus,
                          bandwidth.count() > 0 ? bandwidth : fit.bandwidth),
                  term.algorithm, term.protocol);
  }
  return fastest.best();
}

}  // namespace plimsoll
