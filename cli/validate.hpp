// The subjects of plimsoll validate.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"

namespace plimsoll::cli {

/// --data or $PLIMSOLL_DATA. Throws ConfigError, naming `command`, where neither is given.
std::filesystem::path data_folder(const Options& options, std::string_view command);

/// Each returns the exit code of the program.
int validate_serving(const std::vector<std::string>& words);
int validate_tables(const std::vector<std::string>& words);
int validate_collectives(const std::vector<std::string>& words);

}  // namespace plimsoll::cli
