#include "cli/cli.hpp"

#include <fmt/format.h>

#include <array>
#include <csignal>
#include <iostream>

#include "cli/command.hpp"
#include "core/config/suggest.hpp"
#include "core/error.hpp"
#include "core/version.hpp"

namespace plimsoll {
namespace {

constexpr std::array kCommands{
    cli::Command{"run", "simulate a scenario and show what it would be like", cli::run_command},
    cli::Command{"plan", "find the configuration that serves a load best", cli::plan_command},
    cli::Command{"trace", "make synthetic traces, fit length tables to recorded ones",
                 cli::trace_command},
    cli::Command{"validate", "compare the models with published measurements",
                 cli::validate_command},
    cli::Command{"catalog", "list, show and check the GPUs, models, engines and prices",
                 cli::catalog_command},
    cli::Command{"policies", "list the policies that a scenario can name", cli::policies_command},
    cli::Command{"calibrate", "fit step-time models to measurements", cli::calibrate_command},
    cli::Command{"advise", "give recorded views to the policies, outside the simulator",
                 cli::advise_command},
};

void print_overview() {
  std::cout << "Plimsoll " << version() << ": how much load an AI cluster can safely carry.\n\n"
            << "Usage: plimsoll COMMAND [options]\n\n";
  for (const cli::Command& command : kCommands) {
    std::cout << fmt::format("  {:<10}{}\n", command.name, command.summary);
  }
  std::cout << "\nplimsoll COMMAND --help tells more; plimsoll --version names the version.\n";
}

int dispatch(const std::vector<std::string>& line, const PolicyRegistry& registry) {
  if (line.size() < 2 || line[1] == "--help" || line[1] == "-h" || line[1] == "help") {
    print_overview();
    return line.size() < 2 ? 2 : 0;
  }
  if (line[1] == "--version" || line[1] == "version") {
    std::cout << "plimsoll " << version() << '\n';
    return 0;
  }
  for (const cli::Command& command : kCommands) {
    if (line[1] == command.name)
      return command.run({{line.begin() + 2, line.end()}, line, registry});
  }
  std::vector<std::string> known;
  for (const cli::Command& command : kCommands) known.emplace_back(command.name);
  throw ConfigError(Position{}, unknown_name("command", line[1], known));
}

}  // namespace

int run_cli(int argc, char** argv, const PolicyRegistry& registry) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is an error of the write, not a death
  try {
    const int code = dispatch({argv, argv + argc}, registry);
    std::cout.flush();
    if (!std::cout) throw IoError("standard output: could not write all of the result");
    return code;
  } catch (const ConfigError& error) {
    std::cerr << error.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "plimsoll: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace plimsoll
