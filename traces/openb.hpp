// The openb cluster trace (Alibaba; hkust-adsl/kubernetes-scheduler-simulator): a list of nodes and lists of pods, as
// CSV files, plain or zstd.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "hardware/resource_request.hpp"

namespace plimsoll {

/// A row of openb_node_list_*.csv: sn, cpu_milli, memory_mib, gpu, model.
struct OpenbNode {
  std::string name;
  std::int64_t cpu_milli = 0;
  Bytes memory{};
  std::int32_t gpus = 0;
  std::string model;  ///< of its GPUs; empty without

  friend bool operator==(const OpenbNode&, const OpenbNode&) = default;
};

/// When a pod came and went, in seconds since the trace's start.
struct OpenbLife {
  SimTime created_at{};
  std::optional<SimTime> scheduled_at;  ///< none: it went before it ran
  SimTime deleted_at{};

  friend bool operator==(const OpenbLife&, const OpenbLife&) = default;
};

/// A row of openb_pod_list_*.csv: name, cpu_milli, memory_mib, num_gpu, gpu_milli, and where the list has them
/// gpu_spec; creation_time, deletion_time and scheduled_time.
struct OpenbPod {
  std::string name;
  std::int64_t cpu_milli = 0;
  Bytes memory{};
  std::int32_t gpus = 0;
  std::int32_t gpu_milli = 0;           ///< of each; 0 without GPUs
  std::vector<std::string> gpu_models;  ///< that it accepts; none: any
  std::optional<OpenbLife> life;        ///< none: the list does not say

  friend bool operator==(const OpenbPod&, const OpenbPod&) = default;
};

/// Other columns are left alone. Both throw ConfigError: columns that are missing, and up to ten rows that cannot be,
/// with file, line and column.
std::vector<OpenbNode> read_openb_nodes(const std::string& path,
                                        std::string_view name_column = "sn");
std::vector<OpenbPod> read_openb_pods(const std::string& path);

/// What the pod asks for, of a cluster with these kinds of GPUs; kinds that it does not have are left out.
ResourceRequest request_of(const OpenbPod& pod, const std::vector<std::string>& gpu_kinds);

}  // namespace plimsoll
