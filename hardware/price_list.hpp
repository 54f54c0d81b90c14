// What GPUs cost per hour, as a catalogue file states it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "hardware/figure.hpp"

namespace plimsoll {

/// One file of hardware/catalog/prices.
struct PriceList {
  std::string name;  ///< its file's name
  std::vector<std::string> aliases;
  std::map<std::string, Figure<UsdPerHour>> gpus;  ///< per GPU, by name of hardware/catalog/gpus

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("aliases", &PriceList::aliases, "Other names of this list.");
    visit("gpus", &PriceList::gpus, "Price of one GPU for an hour, by the GPU's name.", required,
          UsdPerHour{0}, UsdPerHour{10'000});
  }
};

}  // namespace plimsoll
