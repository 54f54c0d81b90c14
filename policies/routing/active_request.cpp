// The replica with the fewest requests in flight by the gateway's own count: dispatched, last token not yet seen.
#include "policies/least_loaded_index.hpp"
#include "policies/registry.hpp"

namespace {

struct InFlight {
  std::uint32_t operator()(const plimsoll::ReplicaRow& row) const { return row.in_flight; }
};

class ActiveRequest final : public plimsoll::RoutingPolicy {
 public:
  explicit ActiveRequest(const plimsoll::PolicyContext&) {}

  plimsoll::ViewColumns columns() const override { return plimsoll::ViewColumns::in_flight; }

  plimsoll::Route route(const plimsoll::ClusterView& view, const plimsoll::RequestView&) override {
    return {index_.best(view)};
  }

  std::unique_ptr<plimsoll::RoutingPolicy> clone() const override {
    return std::make_unique<ActiveRequest>(*this);
  }

 private:
  plimsoll::LeastLoadedIndex<InFlight> index_;
};

}  // namespace

PLIMSOLL_ROUTING_POLICY(active_request, ActiveRequest,
                        "The fewest requests in flight by the gateway's own count.")
