// Times of collectives against measurements: NCCL's and the engines' own all-reduce on nine GPUs,
// and NCCL called from PyTorch inside and between nodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace plimsoll {

/// All measured rows of one GPU, library, operation and group.
struct CollectiveErrors {
  std::string gpu;        ///< a name of hardware/catalog/collectives
  std::string library;    ///< "nccl", "vllm", "sglang", "trtllm" or "nccl_torch"
  std::string operation;  ///< "all_reduce"; "" in a summary over operations and libraries
  std::int32_t gpus = 0;
  std::int32_t nodes = 1;
  std::size_t rows = 0;
  double median_error = 0;  ///< of |predicted / measured - 1|
  double p90_error = 0;
  /// How far rows are from the median of the 25 of nearest size: no smooth law can be nearer. 0
  /// with fewer than 100 rows.
  double scatter = 0;
};

struct CollectiveStudy {
  std::vector<CollectiveErrors> groups;   ///< by GPU, nodes, group, library, operation
  std::vector<CollectiveErrors> summary;  ///< by GPU, nodes and group alone
  std::vector<std::string> notes;         ///< what was left out, with counts
};

/// The most that the median error of a GPU and size of group may be; above it, the measurements'
/// own scatter, half as much again, is the most.
inline constexpr double kCollectiveTarget = 0.10;
bool within_target(const CollectiveErrors& errors);

/// Reads `data`/aic_kernels/comm_{nccl,custom_allreduce}_perf* and `data`/vidur_network, as far as
/// they are there. Kernels that were launched one by one ("eager") wait for the host and are left
/// out, and so are GPUs without fits. `catalogs` as catalog_roots gives them. Throws ConfigError
/// with file and line for rows that are wrong.
CollectiveStudy study_collectives(const std::filesystem::path& data,
                                  const std::vector<std::filesystem::path>& catalogs);

/// A table of the summary, one column per library, and the notes below it.
std::string render_collectives(const CollectiveStudy& study);

}  // namespace plimsoll
