// plimsoll catalog topo: a node type's topology, or one from a file, as text, JSON or a picture.
#pragma once

#include <string>
#include <vector>

namespace plimsoll::cli {

/// `words`: what follows "catalog topo".
int show_topology(const std::vector<std::string>& words);

}  // namespace plimsoll::cli
