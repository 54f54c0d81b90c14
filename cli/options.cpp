// Parsing and --help of one command, through Boost.Program_options.
#include <fmt/format.h>

#include <iostream>

#include "cli/command.hpp"
#include "core/config/suggest.hpp"
#include "core/error.hpp"

namespace plimsoll::cli {
namespace po = boost::program_options;

Options::Options(std::string usage, std::string about)
    : usage_(std::move(usage)), about_(std::move(about)), shown_("Options", 96, 48) {
  shown_.add_options()("help,h", "print this");
}

void Options::positional(const char* name, const char* doc) {
  positionals_.emplace_back(name, doc);
}

void Options::positionals(const char* name, const char* doc) {
  positional(name, doc);
  last_repeats_ = true;
}

bool Options::parse(const std::vector<std::string>& words) {
  po::options_description all;
  all.add(shown_);
  po::positional_options_description order;
  for (const auto& [name, doc] : positionals_) {
    const bool repeats = last_repeats_ && name == positionals_.back().first;
    if (repeats)
      all.add_options()(name.c_str(), po::value<std::vector<std::string>>());
    else
      all.add_options()(name.c_str(), po::value<std::string>());
    order.add(name.c_str(), repeats ? -1 : 1);
  }
  try {
    // No guessing: an abbreviated option is an unknown one.
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(words).options(all).positional(order).style(style).run(),
              values_);
  } catch (const po::unknown_option& error) {
    std::vector<std::string> known;
    for (const auto& option : shown_.options()) known.push_back("--" + option->long_name());
    throw ConfigError(Position{}, unknown_name("option", error.get_option_name(), known));
  } catch (const po::error& error) {
    throw ConfigError(Position{}, fmt::format("{}. See plimsoll {} --help.", error.what(),
                                              usage_.substr(0, usage_.find(' '))));
  }
  if (given("help")) {
    std::cout << "Usage: plimsoll " << usage_ << "\n\n" << about_ << "\n\n";
    for (const auto& [name, doc] : positionals_)
      std::cout << fmt::format("  {:<12}{}\n", name, doc);
    std::cout << (positionals_.empty() ? "" : "\n") << shown_;
    return false;
  }
  for (const auto& [name, doc] : positionals_) {
    if (!given(name.c_str())) {
      throw ConfigError(Position{},
                        fmt::format("{} is missing: {}. Usage: plimsoll {}", name, doc, usage_));
    }
  }
  return true;
}

}  // namespace plimsoll::cli
