// What a trace format provides: the requests of one file, in order, in constant memory.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "workloads/arrival_stream.hpp"

namespace plimsoll {

/// Arrivals in one block of a reader or stream, the last block apart.
inline constexpr std::size_t kArrivalBlock = 512;

/// Reads one file once, front to back. Its constructor opens the file and checks the header.
/// Constructor and `next` throw ConfigError (file:line:column) for a file that is missing or wrong, and IoError where
/// the machine cannot read it.
class TraceReader {
 public:
  virtual ~TraceReader() = default;
  /// Replaces `block` by the next requests, times never decreasing; an empty block is the end.
  virtual void next(std::vector<Arrival>& block) = 0;
  /// What the prefixes of all requests point into, once, behind the last of them; null where the format has none.
  virtual std::shared_ptr<const PrefixBlocks> take_prefixes() { return nullptr; }
};

}  // namespace plimsoll
