// The executable `plimsoll`: the command line with the policies of this tree.
#include "cli/cli.hpp"

int main(int argc, char** argv) {
  return plimsoll::run_cli(argc, argv, plimsoll::builtin_policies());
}
