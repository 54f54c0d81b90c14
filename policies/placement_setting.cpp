#include "policies/placement_setting.hpp"

#include <vector>

#include "core/config/suggest.hpp"

namespace plimsoll {

std::unique_ptr<PlacementRule> make_placement(const PolicyConfig& chosen,
                                              const PolicyContext& context) {
  PolicyContext own = context;
  PolicyRegistry builtin;
  if (own.registry == nullptr) {
    builtin = builtin_policies();
    own.registry = &builtin;
  }
  const SchedulingPolicyEntry* entry = own.registry->scheduling(chosen.name);
  if (entry != nullptr && entry->create_rule) {
    own.instance += "/placement";
    return entry->make_rule(own, chosen.settings);
  }
  std::vector<std::string> rules;
  for (const std::string& name : own.registry->scheduling_names()) {
    if (own.registry->scheduling(name)->create_rule) rules.push_back(name);
  }
  throw ConfigError(chosen.settings.at,
                    "placement: " + unknown_name("placement rule", chosen.name, rules));
}

}  // namespace plimsoll
