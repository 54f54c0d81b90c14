// What a pool asks for, looked up and checked, with faults at the scenario's lines.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "workloads/serving_deployment.hpp"
#include "workloads/step_time/calibration.hpp"

namespace plimsoll {

/// Faults of one pool, at their lines.
class PoolFaults {
 public:
  explicit PoolFaults(const ServingPlace& place) : place_(place) {}

  Position at(const std::string& key) const { return position_of(place_.root, path(key)); }
  /// "<path>.<key> <message>"
  void add(const std::string& key, const std::string& message) {
    faults_.push_back({at(key), fmt::format("{} {}", path(key), message)});
  }
  /// Runs a lookup; its ConfigError joins the faults.
  template <class Lookup>
  auto look_up(const std::string& key, Lookup&& lookup)
      -> std::optional<decltype(lookup(Position{}))> {
    try {
      return lookup(at(key));
    } catch (const ConfigError& error) {
      for (Fault fault : error.faults()) {
        if (fault.at.text() == at(key).text()) fault.message = path(key) + ": " + fault.message;
        faults_.push_back(std::move(fault));
      }
      return std::nullopt;
    }
  }
  void throw_if_any() {
    if (!faults_.empty()) throw ConfigError(std::move(faults_));
  }

 private:
  std::string path(const std::string& key) const {
    return place_.path.empty() ? key : place_.path + "." + key;
  }
  const ServingPlace& place_;
  std::vector<Fault> faults_;
};

/// The catalogue's entries that a deployment is made of.
struct ServingParts {
  ModelSpec model;
  GpuSpec gpu;
  Calibration calibration;  ///< the datasheet's where nobody has calibrated the GPU
  EngineProfile engine;
  Precision dtype = Precision::bf16;
  Quantization quantization;
  std::optional<SpeculativeSpec> speculative;  ///< with an accepted length
};

/// Throws where a name is unknown.
ServingParts look_up_parts(HardwareCatalog& hardware, WorkloadCatalog& workloads,
                           const ServingSpec& spec, PoolFaults& faults);

/// Whether the model can be cut so and the GPU can compute so.
void check_parts(const ServingParts& parts, const ServingSpec& spec, PoolFaults& faults);

}  // namespace plimsoll
