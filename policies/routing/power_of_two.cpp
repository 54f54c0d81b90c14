// Two different replicas drawn at random, of which the one with the lower scraped load (as in least_request) serves.
// Source: M. Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 12(10), 2001.
#include <algorithm>

#include "core/random_stream.hpp"
#include "policies/registry.hpp"

namespace {

class PowerOfTwo final : public plimsoll::RoutingPolicy {
 public:
  explicit PowerOfTwo(const plimsoll::PolicyContext& context)
      : stream_(context.seed, context.instance, "routing/power_of_two") {}

  plimsoll::ViewColumns columns() const override { return plimsoll::ViewColumns::scraped_load; }

  plimsoll::Route route(const plimsoll::ClusterView& view,
                        const plimsoll::RequestView& request) override {
    if (view.size() == 1) return {0};
    const auto draw = stream_.block(request.id);
    const std::uint32_t first = plimsoll::below(view.size(), draw[0]);
    std::uint32_t second = plimsoll::below(view.size() - 1, draw[1]);
    if (second >= first) ++second;
    const auto [low, high] = std::minmax(first, second);
    const bool high_is_lighter =
        view.replica(high).scraped_load() < view.replica(low).scraped_load();
    return {high_is_lighter ? high : low};
  }

  std::unique_ptr<plimsoll::RoutingPolicy> clone() const override {
    return std::make_unique<PowerOfTwo>(*this);
  }

 private:
  plimsoll::RandomStream stream_;
};

}  // namespace

PLIMSOLL_ROUTING_POLICY(power_of_two, PowerOfTwo,
                        "The lighter, by scraped load, of two replicas drawn at random.")
