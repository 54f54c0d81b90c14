// plimsoll advise: the same policies, outside the simulator.
#include <fstream>
#include <iostream>

#include "advisor/replay.hpp"
#include "cli/command.hpp"
#include "core/error.hpp"

namespace plimsoll::cli {

int advise_command(const Call& call) {
  Options options("advise --snapshot VIEWS.jsonl",
                  "Gives the views of a recording to the policies that it names and prints the\n"
                  "decision for each request, a JSON object per line. On what `plimsoll run\n"
                  "--dump-views` wrote these are the decisions of the run, byte for byte.");
  options.add()("snapshot", boost::program_options::value<std::string>()->value_name("FILE"),
                "recording to read; - is standard input");
  if (!options.parse(call.words)) return 0;
  if (!options.given("snapshot")) {
    throw ConfigError(Position{}, "--snapshot FILE is missing: the recording to advise on");
  }
  const std::string& path = options.get("snapshot");
  if (path == "-") {
    replay_recording(std::cin, "standard input", call.registry, std::cout);
    return 0;
  }
  std::ifstream file(path);
  if (!file) throw ConfigError({path}, "cannot be read; --snapshot names a recording of views");
  replay_recording(file, path, call.registry, std::cout);
  return 0;
}

}  // namespace plimsoll::cli
