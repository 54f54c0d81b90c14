#include "policies/cluster_view.hpp"

#include <bit>
#include <utility>

namespace plimsoll {

ClusterView::ClusterView(std::vector<std::string> names)
    : names_(std::move(names)),
      rows_(names_.size()),
      log_(std::bit_ceil(2 * names_.size() + 16)),
      log_mask_(log_.size() - 1) {}

}  // namespace plimsoll
