// plimsoll calibrate: calibration files from measurements.
#include <array>
#include <iostream>

#include "cli/calibrate.hpp"
#include "core/config/suggest.hpp"
#include "core/error.hpp"

namespace plimsoll::cli {
namespace {

/// A kind of calibration: `plimsoll calibrate <name> ...`.
struct Calibrator {
  const char* name;
  const char* usage;
  int (*run)(const Call& call);
};

constexpr std::array kCalibrators{
    Calibrator{"operators", "operators --gpu NAME MEASUREMENTS... --out FILE",
               calibrate_operators_command},
    Calibrator{"deployment", "deployment SCENARIO --pool NAME RESULT... --out FILE",
               calibrate_deployment_command},
};

void print_usage() {
  const char* lead = "Usage: ";
  for (const Calibrator& one : kCalibrators) {
    std::cout << lead << "plimsoll calibrate " << one.usage << '\n';
    lead = "       ";
  }
  std::cout << "\nplimsoll calibrate " << kCalibrators[0].name << " --help tells more.\n";
}

}  // namespace

int calibrate_command(const Call& call) {
  if (call.words.empty() || call.words[0] == "--help" || call.words[0] == "-h") {
    print_usage();
    return call.words.empty() ? 2 : 0;
  }
  std::vector<std::string> known;
  for (const Calibrator& one : kCalibrators) {
    if (call.words[0] == one.name)
      return one.run({{call.words.begin() + 1, call.words.end()}, call.line, call.registry});
    known.emplace_back(one.name);
  }
  throw ConfigError(Position{}, unknown_name("kind of calibration", call.words[0], known));
}

}  // namespace plimsoll::cli
