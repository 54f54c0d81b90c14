// The networks of a pool as the user wrote them: gateway and replicas, prefill and decode replicas.
#pragma once

#include "core/config/fields.hpp"
#include "core/quantity.hpp"
#include "core/time.hpp"
#include "scenario/workload_config.hpp"  // kHour

namespace plimsoll {

/// Between gateway and replicas.
struct GatewayConfig {
  Duration dispatch_latency{1'000'000};
  Duration response_latency{1'000'000};

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("dispatch_latency", &GatewayConfig::dispatch_latency, "From gateway to replica.",
          Duration{1}, kHour);
    visit("response_latency", &GatewayConfig::response_latency, "From replica to gateway.",
          Duration{1}, kHour);
  }
};

/// `pools.<name>.kv_transfer`: the network between prefill and decode replicas. The defaults fit Mooncake's transfer
/// engine over four 400 GbE ports per node (workloads/kv_link.hpp).
struct KvTransferConfig {
  Duration latency{1'840'000};
  BytesPerSecond bandwidth{171e9};
  bool layerwise = false;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("latency", &KvTransferConfig::latency,
          "Of each transfer of a KV cache, whatever its size.", Duration{1000}, kHour);
    visit("bandwidth", &KvTransferConfig::bandwidth,
          "Out of a prefill replica and into a decode replica, shared by its transfers.",
          BytesPerSecond{1e6}, BytesPerSecond{1e15});
    visit("layerwise", &KvTransferConfig::layerwise,
          "Whether layers are sent while later ones are being computed.");
  }
};

}  // namespace plimsoll
