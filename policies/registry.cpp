#include "policies/registry.hpp"

#include <utility>

#include "core/assert.hpp"

void plimsoll_register_builtin_policies(plimsoll::PolicyRegistry& registry);

namespace plimsoll {

void PolicyRegistry::add_routing(RoutingPolicyEntry entry) {
  const std::string name = entry.name;
  const bool is_new = routing_.emplace(name, std::move(entry)).second;
  PLIMSOLL_ASSERT(is_new, "routing policy \"{}\" is registered twice", name);
}

const RoutingPolicyEntry* PolicyRegistry::routing(std::string_view name) const {
  const auto found = routing_.find(name);
  return found == routing_.end() ? nullptr : &found->second;
}

std::vector<std::string> PolicyRegistry::routing_names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : routing_) names.push_back(name);
  return names;
}

void PolicyRegistry::add_scheduling(SchedulingPolicyEntry entry) {
  const std::string name = entry.name;
  const bool is_new = scheduling_.emplace(name, std::move(entry)).second;
  PLIMSOLL_ASSERT(is_new, "scheduling policy \"{}\" is registered twice", name);
}

const SchedulingPolicyEntry* PolicyRegistry::scheduling(std::string_view name) const {
  const auto found = scheduling_.find(name);
  return found == scheduling_.end() ? nullptr : &found->second;
}

std::vector<std::string> PolicyRegistry::scheduling_names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : scheduling_) names.push_back(name);
  return names;
}

PolicyRegistry builtin_policies() {
  PolicyRegistry registry;
  plimsoll_register_builtin_policies(registry);
  return registry;
}

}  // namespace plimsoll
