// The option of the trace commands that names the file to write.
#pragma once

#include <string>

#include "cli/command.hpp"
#include "core/error.hpp"

namespace plimsoll::cli {

inline void add_output(Options& options, const char* doc) {
  options.add()("output,o", boost::program_options::value<std::string>()->value_name("FILE"), doc);
}

inline const std::string& output_of(const Options& options) {
  if (!options.given("output")) throw ConfigError(Position{}, "--output FILE is missing");
  return options.get("output");
}

}  // namespace plimsoll::cli
