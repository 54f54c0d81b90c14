// The files of the FGD study's results: in which order pods arrived under which names of nodes, and the published rows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace plimsoll {

/// Load points of a row: 0 to 130 % of the cluster's GPUs asked for so far.
inline constexpr std::size_t kLoadPoints = 131;
using LoadCurve = std::array<double, kLoadPoints>;

/// A row of arrival_order_and_node_perm.csv.
struct FgdOrder {
  std::string workload;  ///< name of the pod list
  std::uint64_t seed = 0;
  std::vector<std::uint32_t> pods;           ///< rows of the pod list
  std::vector<std::uint32_t> node_prefixes;  ///< by row of the node list
  Position at;
};

/// A row of analysis_{allo,frag,frag_ratio}_discrete.csv.
struct FgdRow {
  std::string workload;
  std::string policy;  ///< "06-FGD"
  std::uint64_t seed = 0;
  LoadCurve values{};
};

/// Both throw ConfigError as readers of traces do.
std::vector<FgdOrder> read_fgd_orders(const std::string& path);
std::vector<FgdRow> read_fgd_rows(const std::string& path);

}  // namespace plimsoll
