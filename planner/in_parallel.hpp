// Work items handed out to a few threads, first come, first served.
#pragma once

#include <cstddef>
#include <functional>

namespace plimsoll {

/// Calls work(0) ... work(count - 1), `threads` at a time. The first exception, by index, is rethrown.
void in_parallel(std::size_t count, std::size_t threads,
                 const std::function<void(std::size_t)>& work);

}  // namespace plimsoll
