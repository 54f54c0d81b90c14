// Deployments that measurements name, in place of a scenario.
#pragma once

#include <filesystem>
#include <vector>

#include "workloads/serving_deployment.hpp"

namespace plimsoll {

/// Catalogues and deploy_serving for one thread.
class Deployer {
 public:
  explicit Deployer(const std::vector<std::filesystem::path>& catalogs)
      : hardware_(catalogs), workloads_(catalogs) {}

  /// Throws as deploy_serving does; `row` names the measurement in its messages.
  ServingDeployment deploy(const ServingSpec& spec, const std::string& row);

  HardwareCatalog& hardware() { return hardware_; }
  WorkloadCatalog& workloads() { return workloads_; }

 private:
  HardwareCatalog hardware_;
  WorkloadCatalog workloads_;
};

}  // namespace plimsoll
