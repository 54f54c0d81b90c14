// One command of the command line.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <vector>

#include "policies/registry.hpp"

namespace plimsoll::cli {

/// What a command is called with.
struct Call {
  std::vector<std::string> words;  ///< behind the command's name
  std::vector<std::string> line;   ///< as typed, program included
  const PolicyRegistry& registry;
};

/// A command: `run` returns the exit code and throws ConfigError or IoError.
struct Command {
  const char* name;
  const char* summary;  ///< one line for the overview
  int (*run)(const Call& call);
};

int run_command(const Call& call);
int plan_command(const Call& call);
int trace_command(const Call& call);
int validate_command(const Call& call);
int catalog_command(const Call& call);
int policies_command(const Call& call);
int advise_command(const Call& call);
int calibrate_command(const Call& call);

/// The options of a command: declared once, for parsing and for --help.
class Options {
 public:
  /// `usage`: "run SCENARIO [options]"; `about`: what the command does, a few sentences.
  Options(std::string usage, std::string about);

  boost::program_options::options_description_easy_init add() { return shown_.add_options(); }
  /// The positional word `name`; without it the command fails, and says so.
  void positional(const char* name, const char* doc);
  /// All further words, at least one: `get<std::vector<std::string>>(name)`.
  void positionals(const char* name, const char* doc);

  /// False when --help was asked for and has been printed. Throws ConfigError for what it does not know.
  bool parse(const std::vector<std::string>& words);

  bool given(const char* name) const { return values_.count(name) > 0; }
  template <class T = std::string>
  const T& get(const char* name) const {
    return values_[name].as<T>();
  }
  template <class T>
  T get_or(const char* name, const T& otherwise) const {
    return given(name) ? get<T>(name) : otherwise;
  }

 private:
  std::string usage_;
  std::string about_;
  std::vector<std::pair<std::string, std::string>> positionals_;
  bool last_repeats_ = false;
  boost::program_options::options_description shown_;
  boost::program_options::variables_map values_;
};

}  // namespace plimsoll::cli
