// Progressive filling: max-min fair rates of flows that share links.
#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "hardware/topology/routes.hpp"

namespace plimsoll {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// One direction of one link.
using LinkEnd = std::tuple<DeviceId, DeviceId, LinkKind>;

struct Load {
  double left = 0;    ///< bandwidth not yet given out
  double active = 0;  ///< sum of the shares of flows that still grow
};

/// Progressive filling: all flows grow alike until a link is full; its flows stop there.
class Filling {
 public:
  explicit Filling(const std::vector<Route>& routes)
      : routes_(routes), rates_(routes.size(), 0.0), growing_(routes.size()) {
    for (std::size_t i = 0; i < routes.size(); ++i) {
      growing_[i] = routes[i].exists() && !routes[i].shares.empty();
      if (routes[i].exists() && routes[i].shares.empty()) rates_[i] = kInfinity;
      for (const RouteShare& part : routes[i].shares)
        loads_[end_of(part)].left = part.capacity.count();
    }
  }

  std::vector<double> run() {
    while (std::any_of(growing_.begin(), growing_.end(), [](bool on) { return on; })) {
      const double step = next_step();
      for (std::size_t i = 0; i < rates_.size(); ++i)
        if (growing_[i]) rates_[i] += step;
      for (auto& [end, load] : loads_) load.left -= step * load.active;
      stop_full();
    }
    return rates_;
  }

 private:
  static LinkEnd end_of(const RouteShare& part) { return {part.from, part.to, part.kind}; }

  double next_step() {
    for (auto& [end, load] : loads_) load.active = 0;
    for (std::size_t i = 0; i < routes_.size(); ++i)
      if (growing_[i])
        for (const RouteShare& part : routes_[i].shares) loads_[end_of(part)].active += part.share;
    double step = kInfinity;
    for (const auto& [end, load] : loads_)
      if (load.active > 0) step = std::min(step, std::max(0.0, load.left) / load.active);
    return step;
  }
  void stop_full() {
    constexpr double kFull = 1e-9;  // of the link's capacity
    for (std::size_t i = 0; i < routes_.size(); ++i)
      for (const RouteShare& part : routes_[i].shares)
        if (loads_[end_of(part)].left <= kFull * part.capacity.count()) growing_[i] = false;
  }

  const std::vector<Route>& routes_;
  std::vector<double> rates_;
  std::vector<bool> growing_;
  std::map<LinkEnd, Load> loads_;
};

}  // namespace

std::vector<BytesPerSecond> shared_rates(const NodeTopology& topology,
                                         std::span<const Flow> flows) {
  std::vector<Route> routes;
  for (const Flow& flow : flows) routes.push_back(route_between(topology, flow.from, flow.to));
  std::vector<BytesPerSecond> rates;
  for (const double rate : Filling(routes).run()) rates.emplace_back(rate);
  return rates;
}

}  // namespace plimsoll
