// How the KV cache of a prompt gets from the replica that prefilled it to the one that decodes.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/quantity.hpp"

namespace plimsoll {

/// One transfer alone takes latency + bytes / bandwidth. The defaults fit Mooncake's transfer engine between two H20
/// nodes with four 400 GbE ports each (kvcache-ai/Mooncake, documented transfer times; nine points, within 6.4 %).
struct KvLink {
  Duration latency{1'840'000};      ///< of each transfer, however many there are; >= 2 ns
  BytesPerSecond bandwidth{171e9};  ///< out of one replica, and into one: its transfers share it
  Bytes per_token{};                ///< of all layers and all ranks of a replica
  std::int32_t layerwise_layers =
      0;  ///< layers are sent as soon as each is computed; 0: all at the end

  /// What is left to send of a prompt when its prefill, which took `prefill`, has ended. Layer by layer that is at
  /// least the last layer: the whole takes max(prefill, transfer).
  Bytes left_after(std::int32_t prompt_tokens, Duration prefill) const {
    const Bytes whole = per_token * prompt_tokens;
    if (layerwise_layers == 0) return whole;
    const double sent = bandwidth.count() * to_seconds(prefill);
    const double unsent = static_cast<double>(whole.count()) - sent;
    const Bytes last_layer = whole / layerwise_layers;
    return std::max(last_layer, Bytes{static_cast<std::int64_t>(std::max(unsent, 0.0))});
  }
};

}  // namespace plimsoll
