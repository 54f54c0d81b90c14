// The kinds of `plimsoll calibrate`, one per file.
#pragma once

#include "cli/command.hpp"

namespace plimsoll::cli {

/// `call.words` begin behind the kind's name.
int calibrate_operators_command(const Call& call);
int calibrate_deployment_command(const Call& call);

}  // namespace plimsoll::cli
