// The replica with the lowest load as last scraped (running + waiting) plus the gateway's own dispatches since.
#include "policies/least_loaded_index.hpp"
#include "policies/registry.hpp"

namespace {

struct ScrapedLoad {
  std::uint32_t operator()(const plimsoll::ReplicaRow& row) const { return row.scraped_load(); }
};

class LeastRequest final : public plimsoll::RoutingPolicy {
 public:
  explicit LeastRequest(const plimsoll::PolicyContext&) {}

  plimsoll::ViewColumns columns() const override { return plimsoll::ViewColumns::scraped_load; }

  plimsoll::Route route(const plimsoll::ClusterView& view, const plimsoll::RequestView&) override {
    return {index_.best(view)};
  }

  std::unique_ptr<plimsoll::RoutingPolicy> clone() const override {
    return std::make_unique<LeastRequest>(*this);
  }

 private:
  plimsoll::LeastLoadedIndex<ScrapedLoad> index_;
};

}  // namespace

PLIMSOLL_ROUTING_POLICY(least_request, LeastRequest,
                        "The lowest load as last scraped plus own dispatches since that scrape.")
