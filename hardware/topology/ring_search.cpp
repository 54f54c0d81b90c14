#include "hardware/topology/ring_search.hpp"

#include <algorithm>
#include <boost/range/iterator_range.hpp>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "hardware/topology/routes.hpp"

namespace plimsoll {
namespace {

using Order = std::vector<std::size_t>;

/// A number for each ordered pair of the group.
class Pairs {
 public:
  explicit Pairs(std::size_t size) : size_(size), values_(size * size, 0.0) {}
  double& at(std::size_t from, std::size_t to) { return values_[from * size_ + to]; }
  double at(std::size_t from, std::size_t to) const { return values_[from * size_ + to]; }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::vector<double> values_;
};

/// The least of a ring's steps, then their sum: what a better ring has more of.
std::pair<double, double> worth(const Pairs& rate, const Order& ring) {
  double least = std::numeric_limits<double>::infinity();
  double sum = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const double step = rate.at(ring[i], ring[(i + 1) % ring.size()]);
    least = std::min(least, step);
    sum += step;
  }
  return {least, sum};
}

Order nearest_first(const Pairs& rate) {
  Order left(rate.size() - 1);
  std::iota(left.begin(), left.end(), std::size_t{1});
  Order ring{0};
  while (!left.empty()) {
    const auto best = std::max_element(left.begin(), left.end(), [&](std::size_t a, std::size_t b) {
      return rate.at(ring.back(), a) < rate.at(ring.back(), b);
    });
    ring.push_back(*best);
    left.erase(best);
  }
  return ring;
}

Order best_ring(const Pairs& rate) {
  constexpr std::size_t kExhaustive = 8;
  if (rate.size() > kExhaustive) return nearest_first(rate);
  Order ring(rate.size());
  std::iota(ring.begin(), ring.end(), std::size_t{0});
  Order best = ring;
  while (std::next_permutation(ring.begin() + 1, ring.end()))
    if (worth(rate, ring) > worth(rate, best)) best = ring;
  return best;
}

/// Of links that join two GPUs of the group and nothing else.
Pairs direct_rates(const NodeTopology& topology, std::span<const DeviceId> gpus) {
  Pairs rates(gpus.size());
  const TopologyGraph& graph = topology.graph();
  for (std::size_t from = 0; from < gpus.size(); ++from)
    for (const auto edge : boost::make_iterator_range(boost::out_edges(gpus[from], graph))) {
      const auto to = std::find(gpus.begin(), gpus.end(), boost::target(edge, graph));
      if (to != gpus.end() && is_scale_up(graph[edge].kind))
        rates.at(from, static_cast<std::size_t>(to - gpus.begin())) +=
            graph[edge].bandwidth.count();
    }
  return rates;
}

double packed_rings(Pairs left) {
  double sum = 0;
  for (;;) {
    const Order ring = best_ring(left);
    const double rate = worth(left, ring).first;
    if (!(rate > 0)) return sum;
    sum += rate;
    for (std::size_t i = 0; i < ring.size(); ++i)
      left.at(ring[i], ring[(i + 1) % ring.size()]) -= rate;
  }
}

double single_ring(const NodeTopology& topology, std::span<const DeviceId> gpus) {
  Pairs rates(gpus.size());
  for (std::size_t a = 0; a < gpus.size(); ++a)
    for (std::size_t b = a + 1; b < gpus.size(); ++b)
      rates.at(a, b) = rates.at(b, a) = route_between(topology, gpus[a], gpus[b]).bandwidth.count();
  const Order ring = best_ring(rates);
  std::vector<Flow> flows;
  for (std::size_t i = 0; i < ring.size(); ++i)
    flows.push_back({gpus[ring[i]], gpus[ring[(i + 1) % ring.size()]]});
  const std::vector<BytesPerSecond> shared = shared_rates(topology, flows);
  return std::min_element(shared.begin(), shared.end())->count();
}

}  // namespace

BytesPerSecond ring_bandwidth(const NodeTopology& topology, std::span<const DeviceId> gpus) {
  const double packed = packed_rings(direct_rates(topology, gpus));
  return BytesPerSecond{packed > 0 ? packed : single_ring(topology, gpus)};
}

}  // namespace plimsoll
