// Broken invariants of our own code: on in every build, never reached from user input.
#pragma once

#include <fmt/core.h>

#include <string_view>

namespace plimsoll {

/// Prints what broke and where on stderr, then aborts.
[[noreturn]] void assertion_failed(std::string_view expression, std::string_view values,
                                   const char* file, int line);

}  // namespace plimsoll

/// PLIMSOLL_ASSERT(free >= 0, "free = {}, used = {}", free, used): the rest is an fmt format.
#define PLIMSOLL_ASSERT(expression, ...)                                                         \
  do {                                                                                           \
    if (!(expression)) [[unlikely]]                                                              \
      ::plimsoll::assertion_failed(#expression, ::fmt::format(__VA_ARGS__), __FILE__, __LINE__); \
  } while (false)
