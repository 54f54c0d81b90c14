// Taking from a node what a job's workers need of it, and giving it back: the one place where both are counted.
#pragma once

#include <cstddef>
#include <vector>

#include "policies/node_table.hpp"
#include "policies/placement.hpp"

namespace plimsoll {

/// Whether the node has all of the share free, and can be used.
bool can_take(const NodeRow& node, const NodeShare& share);
/// Takes the share, which `can_take` allows.
void take(NodeRow& node, const NodeShare& share);
/// Gives back what was taken.
void give_back(NodeRow& node, const NodeShare& share);

/// Adds a worker's share to those of workers like it, which begin at `first`; one share of a node where that can say
/// it.
void join(std::vector<NodeShare>& shares, std::size_t first, const NodeShare& share);

}  // namespace plimsoll
