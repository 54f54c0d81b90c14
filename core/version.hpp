// Which Plimsoll this is.
#pragma once

#include <string_view>

namespace plimsoll {

std::string_view version();  ///< "0.1.0"

}  // namespace plimsoll
