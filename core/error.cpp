#include "core/error.hpp"

#include <fmt/format.h>

#include <utility>

namespace plimsoll {
namespace {

std::string joined(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) {
    if (!text.empty()) text += '\n';
    text += fault.text();
  }
  return text;
}

}  // namespace

std::string Position::text() const {
  if (line == 0) return source;
  return fmt::format("{}:{}:{}", source, line, column);
}

std::string Fault::text() const {
  const std::string place = at.text();
  return place.empty() ? message : fmt::format("{}: {}", place, message);
}

ConfigError::ConfigError(std::vector<Fault> faults)
    : std::runtime_error(joined(faults)), faults_(std::move(faults)) {}

ConfigError::ConfigError(Position at, std::string message)
    : ConfigError(std::vector<Fault>{{std::move(at), std::move(message)}}) {}

}  // namespace plimsoll
