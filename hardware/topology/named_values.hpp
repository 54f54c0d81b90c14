// Enumerations that catalogue files write by name.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace plimsoll {

/// The names of an enumeration whose values count from 0.
template <class Enum, std::size_t n>
class NamedValues {
 public:
  constexpr explicit NamedValues(const std::array<std::string_view, n>& names) : names_(names) {}

  std::string_view name(Enum value) const { return names_[static_cast<std::size_t>(value)]; }
  /// As parse_scalar (core/config/scalar_text.hpp) answers: nothing when `text` is a name.
  std::string parse(std::string_view text, Enum& out) const {
    for (std::size_t i = 0; i < n; ++i) {
      if (names_[i] != text) continue;
      out = static_cast<Enum>(i);
      return {};
    }
    return fmt::format("is none of {}", fmt::join(names_, ", "));
  }

 private:
  std::array<std::string_view, n> names_;
};

}  // namespace plimsoll
