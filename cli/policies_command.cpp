// plimsoll policies: what a scenario can name.
#include <fmt/format.h>

#include <iostream>

#include "cli/command.hpp"

namespace plimsoll::cli {

int policies_command(const Call& call) {
  Options options("policies", "Lists the policies that a scenario can name, by kind.");
  if (!options.parse(call.words)) return 0;
  std::cout << "policies.routing\n";
  for (const std::string& name : call.registry.routing_names()) {
    const RoutingPolicyEntry& policy = *call.registry.routing(name);
    std::cout << fmt::format("  {:<18}{}\n", name, policy.doc);
    for (const PolicySetting& setting : policy.settings) {
      std::cout << fmt::format("    {:<16}{}\n", setting.name, setting.doc);
    }
  }
  return 0;
}

}  // namespace plimsoll::cli
