// A replica drawn uniformly: a pure function of the seed, the instance and the request.
#include "core/random_stream.hpp"
#include "policies/registry.hpp"

namespace {

class Random final : public plimsoll::RoutingPolicy {
 public:
  explicit Random(const plimsoll::PolicyContext& context)
      : stream_(context.seed, context.instance, "routing/random") {}

  plimsoll::ViewColumns columns() const override { return plimsoll::ViewColumns::none; }

  plimsoll::Route route(const plimsoll::ClusterView& view,
                        const plimsoll::RequestView& request) override {
    return {plimsoll::below(view.size(), stream_.bits(request.id))};
  }

  std::unique_ptr<plimsoll::RoutingPolicy> clone() const override {
    return std::make_unique<Random>(*this);
  }

 private:
  plimsoll::RandomStream stream_;
};

}  // namespace

PLIMSOLL_ROUTING_POLICY(random, Random, "A replica drawn uniformly.")
