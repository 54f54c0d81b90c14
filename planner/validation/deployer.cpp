#include "planner/validation/deployer.hpp"

namespace plimsoll {

ServingDeployment Deployer::deploy(const ServingSpec& spec, const std::string& row) {
  const ConfigNode nothing = ConfigNode::map({.source = row});
  return deploy_serving(hardware_, workloads_, spec, {.root = nothing, .path = ""});
}

}  // namespace plimsoll
