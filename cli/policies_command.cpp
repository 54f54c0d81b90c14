// plimsoll policies: what can be chosen, and how it is set.
#include <fmt/format.h>

#include <iostream>

#include "cli/command.hpp"

namespace plimsoll::cli {

namespace {

template <class Entry>
void show(const Entry& policy) {
  std::cout << fmt::format("  {:<28} {}\n", policy.name, policy.doc);
  for (const PolicySetting& setting : policy.settings) {
    std::cout << fmt::format("    {:<27} {}\n", setting.name, setting.doc);
  }
}

}  // namespace

int policies_command(const Call& call) {
  Options options("policies", "Lists the policies that there are, by kind, with their settings.");
  if (!options.parse(call.words)) return 0;
  std::cout << "policies.routing\n";
  for (const std::string& name : call.registry.routing_names()) show(*call.registry.routing(name));
  std::cout << "\npolicies.scheduling\n";
  for (const std::string& name : call.registry.scheduling_names()) {
    show(*call.registry.scheduling(name));
  }
  return 0;
}

}  // namespace plimsoll::cli
