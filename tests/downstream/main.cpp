// Plimsoll's command line with the built-in policies and those of this project.
#include "cli/cli.hpp"
#include "policies/registry.hpp"

void plimsoll_register_policies_of_my_planner(plimsoll::PolicyRegistry& registry);

int main(int argc, char** argv) {
  plimsoll::PolicyRegistry registry = plimsoll::builtin_policies();
  plimsoll_register_policies_of_my_planner(registry);
  return plimsoll::run_cli(argc, argv, registry);
}
