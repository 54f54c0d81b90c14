// Gangs of jobs that say only how many GPUs they want.
#pragma once

#include <cstdint>
#include <vector>

#include "hardware/resource_request.hpp"

namespace plimsoll {

/// As many workers of whole nodes as the GPUs fill, and one worker with the rest: a job of up to one node's GPUs runs
/// on one node. `gpus` is at least 1.
inline std::vector<SubGang> consolidated_gang(std::int32_t gpus, std::int32_t gpus_per_node) {
  std::vector<SubGang> gang;
  SubGang part;
  part.workers = gpus / gpus_per_node;
  part.each.gpus = gpus_per_node;
  if (part.workers > 0) gang.push_back(part);
  part.workers = 1;
  part.each.gpus = gpus % gpus_per_node;
  if (part.each.gpus > 0) gang.push_back(part);
  return gang;
}

/// One worker for each GPU, wherever there is one.
inline std::vector<SubGang> scattered_gang(std::int32_t gpus) {
  SubGang part;
  part.workers = gpus;
  part.each.gpus = 1;
  return {part};
}

}  // namespace plimsoll
