// The interface of a routing policy: (view, request) -> which replica serves it.
#pragma once

#include <cstdint>
#include <memory>

#include "policies/cluster_view.hpp"

namespace plimsoll {

/// What a gateway knows of a request when it must route it. Not among it: the true output length.
struct RequestView {
  std::uint64_t id = 0;  ///< the pool's running number; the subject of a policy's random draws
  SimTime arrived_at{};  ///< when the gateway has the request
  std::int32_t prompt_tokens = 0;
};

/// A decision: the row of the view that serves the request. The carrier checks it against reality.
struct Route {
  std::uint32_t replica = 0;
};

/// Routes the requests of one pool. Deterministic in (config, seed, instance, the views and requests it was given);
/// ties break by name, random choices come from the stream of the instance and the request's id.
class RoutingPolicy {
 public:
  virtual ~RoutingPolicy() = default;
  /// The columns that `route` reads: the engine keeps these fresh and may batch whatever they allow.
  virtual ViewColumns columns() const = 0;
  /// Picks a row of the view, which has at least one.
  virtual Route route(const ClusterView& view, const RequestView& request) = 0;
  /// A copy with the same state: checkpoint, what-if.
  virtual std::unique_ptr<RoutingPolicy> clone() const = 0;
};

}  // namespace plimsoll
