// How many tokens a step of speculative decoding yields, as measured per model and number of
// drafted tokens.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hardware/catalog_folder.hpp"
#include "hardware/figure.hpp"

namespace plimsoll {

/// A file of workloads/catalog/acceptance, named after its model.
struct AcceptanceLengths {
  std::string method;                         ///< what drafts: "MTP", "EAGLE3", "DSpark"
  Figure<std::vector<double>> with_thinking;  ///< [g - 1]: mean tokens per step with g drafted ones
  std::optional<Figure<std::vector<double>>> without_thinking;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("method", &AcceptanceLengths::method, "What drafts.", required);
    visit("with_thinking", &AcceptanceLengths::with_thinking,
          "Mean accepted length by drafted tokens, from 1.", required, 1.0, 100.0);
    visit("without_thinking", &AcceptanceLengths::without_thinking,
          "The same of answers without reasoning.", 1.0, 100.0);
  }
};

/// Throws ConfigError with all faults: fields, and a length above the g + 1 tokens that a step can
/// yield.
AcceptanceLengths read_acceptance_lengths(const CatalogEntry& entry);

}  // namespace plimsoll
