// Which of a cluster's kinds of GPUs a trace means by "V100M32", "T4" or "v100".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hardware/resource_request.hpp"

namespace plimsoll {

/// A kind goes by its own name, by the aliases that the GPU catalogue gives it, and by each part of its name between
/// underscores: nvidia_v100_sxm2_32gb is also "V100M32" (an alias) and "v100", which any V100 is. Case makes no
/// difference.
class GpuKindNames {
 public:
  /// `kinds`: the cluster's, names of the catalogue that ships with Plimsoll or others, which have no aliases.
  explicit GpuKindNames(const std::vector<std::string>& kinds);

  /// All kinds of that name; 0: the cluster has none.
  GpuKinds find(std::string_view name) const;

 private:
  std::vector<std::vector<std::string>> names_;  ///< by kind, in lower case
};

}  // namespace plimsoll
