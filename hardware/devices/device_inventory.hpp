// The GPUs of a node and who holds which part of each: whole, MIG partitions, or shares. A plain
// value: a copy is a what-if.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/quantity.hpp"
#include "hardware/devices/dra_device.hpp"
#include "hardware/devices/mig_spec.hpp"

namespace plimsoll {

/// whole: one holder. mig: partitions, each drawing compute and memory slices. time_slicing: up to
/// `replicas` holders that take turns, with the memory in common. mps: holders with a limit of
/// compute and of memory each.
enum class GpuSharing : std::uint8_t { whole, mig, time_slicing, mps };

struct GpuDevice {
  std::string name;  ///< "gpu-0"
  std::string uuid;
  std::string product_name;
  std::string pcie_root{};
  std::string clique_id{};  ///< of its NVLink domain; empty without
  std::string nvlink_partition{};
  std::int32_t numa_node = 0;
  Bytes memory{};
  GpuSharing sharing = GpuSharing::whole;
  std::int32_t replicas = 1;     ///< of time_slicing
  std::optional<MigSpec> mig{};  ///< of the GPU's catalogue file
};

/// What a holder has.
struct DeviceGrant {
  std::int64_t id = 0;  ///< never used twice
  std::int32_t gpu = 0;
  std::int32_t profile = -1;  ///< of a partition, an index of MigSpec::profiles
  std::int32_t start = 0;     ///< its first memory slice
  std::int32_t milli = 1000;  ///< share of the GPU's compute, in thousandths
  Bytes memory{};
};

/// Expected refusals are empty optionals. An index that does not exist is a broken invariant.
class DeviceInventory {
 public:
  /// The index of the GPU. Throws ConfigError: sharing by MIG of a GPU that cannot be partitioned,
  /// profiles that do not fit their GPU's slices, fewer than one replica.
  std::int32_t add(GpuDevice gpu);

  std::size_t size() const { return gpus_.size(); }
  const GpuDevice& gpu(std::int32_t index) const { return at(index).device; }
  /// In the order granted.
  const std::vector<DeviceGrant>& grants() const { return grants_; }

  /// The whole GPU, while nobody has any of it.
  std::optional<DeviceGrant> take_whole(std::int32_t gpu);
  /// A partition of a GPU that is shared by MIG: at `start`, or at the last placement that is free,
  /// which leaves low slices for profiles that may only begin there.
  std::optional<DeviceGrant> take_partition(std::int32_t gpu, std::string_view profile,
                                            std::optional<std::int32_t> start = {});
  /// A share of a GPU that is shared by turns (one replica's; `milli` and `memory` must not exceed
  /// it) or by MPS.
  std::optional<DeviceGrant> take_share(std::int32_t gpu, std::int32_t milli, Bytes memory);
  /// False when nothing of that id is held.
  bool release(std::int64_t id);

  bool is_free(std::int32_t gpu) const { return at(gpu).holders == 0; }
  /// Placements of a profile that are free now, ascending; empty for an unknown profile.
  std::vector<std::int32_t> free_starts(std::int32_t gpu, std::string_view profile) const;
  std::int32_t free_compute_slices(std::int32_t gpu) const;
  std::int32_t free_memory_slices(std::int32_t gpu) const;
  /// Thousandths of the GPU that nobody holds.
  std::int32_t free_milli(std::int32_t gpu) const;

 private:
  struct Gpu {
    GpuDevice device;
    std::int32_t holders = 0;
    std::int32_t milli_taken = 0;
    std::int32_t compute_taken = 0;
    std::uint64_t slices_taken = 0;  ///< of memory, a bit each
    Bytes memory_taken{};
  };
  const Gpu& at(std::int32_t index) const;
  DeviceGrant grant(Gpu& gpu, DeviceGrant what);

  std::vector<Gpu> gpus_;
  std::vector<DeviceGrant> grants_;
  std::int64_t next_id_ = 1;
};

/// What the driver would publish of a GPU: the GPU itself, and each partition at each placement;
/// all draw from the counter set "<name>-counter-set": "compute-slices", and one "memory-slice-<i>"
/// per slice. The GPU draws all of it.
std::vector<DraDevice> dra_devices(const GpuDevice& gpu);

}  // namespace plimsoll
