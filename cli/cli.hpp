// The command line as a library, so that a program with policies of its own is three lines: make a registry, add to it,
// call run_cli.
#pragma once

#include "policies/registry.hpp"

namespace plimsoll {

/// Runs `plimsoll COMMAND ...`. Returns the exit code: 0 success; 1 the machine refused (full disk, unreadable file);
/// 2 wrong input, nothing was written; 130 interrupted, nothing was written.
int run_cli(int argc, char** argv, const PolicyRegistry& registry);

}  // namespace plimsoll
