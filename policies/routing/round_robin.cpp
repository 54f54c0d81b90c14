// Each replica in turn, by name, starting with the first.
#include "policies/registry.hpp"

namespace {

class RoundRobin final : public plimsoll::RoutingPolicy {
 public:
  explicit RoundRobin(const plimsoll::PolicyContext&) {}

  plimsoll::ViewColumns columns() const override { return plimsoll::ViewColumns::none; }

  plimsoll::Route route(const plimsoll::ClusterView& view, const plimsoll::RequestView&) override {
    if (next_ >= view.size()) next_ = 0;
    return {next_++};
  }

  std::unique_ptr<plimsoll::RoutingPolicy> clone() const override {
    return std::make_unique<RoundRobin>(*this);
  }

 private:
  std::uint32_t next_ = 0;
};

}  // namespace

PLIMSOLL_ROUTING_POLICY(round_robin, RoundRobin, "Each replica in turn.")
