#include "core/assert.hpp"

#include <cstdlib>

namespace plimsoll {

void assertion_failed(std::string_view expression, std::string_view values, const char* file,
                      int line) {
  fmt::print(stderr, "{}:{}: broken invariant: {} ({})\n", file, line, expression, values);
  std::abort();
}

}  // namespace plimsoll
