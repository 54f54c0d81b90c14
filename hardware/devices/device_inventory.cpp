#include "hardware/devices/device_inventory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "core/assert.hpp"
#include "core/error.hpp"

namespace plimsoll {
namespace {

constexpr std::int32_t kWhole = 1000;

const MigProfile* profile_named(const GpuDevice& gpu, std::string_view name) {
  if (!gpu.mig) return nullptr;
  const auto& profiles = gpu.mig->profiles;
  const auto found = std::find_if(profiles.begin(), profiles.end(),
                                  [&](const MigProfile& profile) { return profile.name == name; });
  return found == profiles.end() ? nullptr : &*found;
}

std::uint64_t slices_of(std::int32_t start, std::int32_t count) {
  const std::uint64_t ones = count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
  return ones << start;
}

void check(const GpuDevice& gpu) {
  std::vector<Fault> faults;
  const auto fault = [&faults](std::string message) {
    faults.emplace_back().message = std::move(message);
  };
  if (gpu.sharing == GpuSharing::mig && !gpu.mig)
    fault(fmt::format("{} ({}) has no MIG profiles.", gpu.name, gpu.product_name));
  if (gpu.replicas < 1)
    fault(fmt::format("{} has {} replicas; write at least 1.", gpu.name, gpu.replicas));
  if (gpu.mig) {
    for (const MigProfile& profile : gpu.mig->profiles)
      for (const std::int32_t start : profile.starts)
        if (start + profile.memory > gpu.mig->memory_slices ||
            profile.compute > gpu.mig->compute_slices)
          fault(
              fmt::format("{}: profile {} at slice {} needs {} memory and {} compute slices; "
                          "there are {} and {}.",
                          gpu.name, profile.name, start, profile.memory, profile.compute,
                          gpu.mig->memory_slices, gpu.mig->compute_slices));
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
}

}  // namespace

const DeviceInventory::Gpu& DeviceInventory::at(std::int32_t index) const {
  PLIMSOLL_ASSERT(index >= 0 && index < static_cast<std::int32_t>(gpus_.size()),
                  "no GPU {} among {}", index, gpus_.size());
  return gpus_[static_cast<std::size_t>(index)];
}

std::int32_t DeviceInventory::add(GpuDevice gpu) {
  check(gpu);
  gpus_.push_back({std::move(gpu)});
  return static_cast<std::int32_t>(gpus_.size()) - 1;
}

DeviceGrant DeviceInventory::grant(Gpu& gpu, DeviceGrant what) {
  what.id = next_id_++;
  ++gpu.holders;
  gpu.milli_taken += what.milli;
  gpu.memory_taken += what.memory;
  if (what.profile >= 0) {
    const MigProfile& profile = gpu.device.mig->profiles[static_cast<std::size_t>(what.profile)];
    gpu.compute_taken += profile.compute;
    gpu.slices_taken |= slices_of(what.start, profile.memory);
  }
  grants_.push_back(what);
  return what;
}

std::optional<DeviceGrant> DeviceInventory::take_whole(std::int32_t index) {
  if (!is_free(index)) return {};
  Gpu& gpu = gpus_[static_cast<std::size_t>(index)];
  return grant(gpu, {0, index, -1, 0, kWhole, gpu.device.memory});
}

std::optional<DeviceGrant> DeviceInventory::take_partition(std::int32_t index,
                                                           std::string_view name,
                                                           std::optional<std::int32_t> start) {
  const std::vector<std::int32_t> starts = free_starts(index, name);
  if (starts.empty()) return {};
  if (start && std::find(starts.begin(), starts.end(), *start) == starts.end()) return {};
  Gpu& gpu = gpus_[static_cast<std::size_t>(index)];
  const MigProfile* profile = profile_named(gpu.device, name);
  const auto number = static_cast<std::int32_t>(profile - gpu.device.mig->profiles.data());
  return grant(gpu,
               {0, index, number, start.value_or(starts.back()),
                kWhole * profile->compute / gpu.device.mig->compute_slices, profile->capacity});
}

std::optional<DeviceGrant> DeviceInventory::take_share(std::int32_t index, std::int32_t milli,
                                                       Bytes memory) {
  if (milli < 1 || milli > kWhole || memory.count() < 0) return {};
  PLIMSOLL_ASSERT(index >= 0 && index < static_cast<std::int32_t>(gpus_.size()),
                  "no GPU {} among {}", index, gpus_.size());
  Gpu& gpu = gpus_[static_cast<std::size_t>(index)];
  if (gpu.device.sharing == GpuSharing::time_slicing) {
    const std::int32_t slot = kWhole / gpu.device.replicas;
    if (milli > slot || gpu.milli_taken + slot > kWhole || memory > gpu.device.memory) return {};
    return grant(gpu, {0, index, -1, 0, slot, Bytes{0}});
  }
  if (gpu.device.sharing != GpuSharing::mps) return {};
  if (gpu.milli_taken + milli > kWhole) return {};
  if (gpu.memory_taken + memory > gpu.device.memory) return {};
  return grant(gpu, {0, index, -1, 0, milli, memory});
}

bool DeviceInventory::release(std::int64_t id) {
  const auto held = std::find_if(grants_.begin(), grants_.end(),
                                 [id](const DeviceGrant& grant) { return grant.id == id; });
  if (held == grants_.end()) return false;
  Gpu& gpu = gpus_[static_cast<std::size_t>(held->gpu)];
  --gpu.holders;
  gpu.milli_taken -= held->milli;
  gpu.memory_taken -= held->memory;
  if (held->profile >= 0) {
    const MigProfile& profile = gpu.device.mig->profiles[static_cast<std::size_t>(held->profile)];
    gpu.compute_taken -= profile.compute;
    gpu.slices_taken &= ~slices_of(held->start, profile.memory);
  }
  grants_.erase(held);
  return true;
}

std::vector<std::int32_t> DeviceInventory::free_starts(std::int32_t index,
                                                       std::string_view name) const {
  const Gpu& gpu = at(index);
  const MigProfile* profile = profile_named(gpu.device, name);
  if (profile == nullptr || gpu.device.sharing != GpuSharing::mig) return {};
  const bool held_whole = gpu.holders > 0 && gpu.slices_taken == 0;
  if (held_whole || profile->compute > free_compute_slices(index)) return {};
  std::vector<std::int32_t> starts;
  for (const std::int32_t start : profile->starts)
    if ((gpu.slices_taken & slices_of(start, profile->memory)) == 0) starts.push_back(start);
  std::sort(starts.begin(), starts.end());
  return starts;
}

std::int32_t DeviceInventory::free_compute_slices(std::int32_t index) const {
  const Gpu& gpu = at(index);
  return gpu.device.mig ? gpu.device.mig->compute_slices - gpu.compute_taken : 0;
}

std::int32_t DeviceInventory::free_memory_slices(std::int32_t index) const {
  const Gpu& gpu = at(index);
  return gpu.device.mig ? gpu.device.mig->memory_slices - std::popcount(gpu.slices_taken) : 0;
}

std::int32_t DeviceInventory::free_milli(std::int32_t index) const {
  return kWhole - at(index).milli_taken;
}

namespace {

CounterUse all_counters(const GpuDevice& gpu) {
  CounterUse use{gpu.name + "-counter-set", {{"compute-slices", gpu.mig->compute_slices}}};
  for (std::int32_t i = 0; i < gpu.mig->memory_slices; ++i)
    use.counters[fmt::format("memory-slice-{}", i)] = 1;
  return use;
}

DraDevice partition_of(const GpuDevice& gpu, const MigProfile& profile, std::int32_t start) {
  DraDevice device;
  std::string plain = profile.name;
  plain.erase(std::remove(plain.begin(), plain.end(), '.'), plain.end());
  device.name = fmt::format("{}-mig-{}-{}", gpu.name, plain, start);
  device.attributes = {{std::string(dra_attribute::kType), std::string("mig")},
                       {std::string(dra_attribute::kParentUuid), gpu.uuid},
                       {std::string(dra_attribute::kProductName), gpu.product_name},
                       {std::string(dra_attribute::kPcieRoot), gpu.pcie_root},
                       {std::string(dra_attribute::kProfile), profile.name}};
  device.capacity = {{"memory", profile.capacity.count()}};
  CounterUse use{gpu.name + "-counter-set", {{"compute-slices", profile.compute}}};
  for (std::int32_t i = 0; i < profile.memory; ++i)
    use.counters[fmt::format("memory-slice-{}", start + i)] = 1;
  device.consumes = {std::move(use)};
  return device;
}

}  // namespace

std::vector<DraDevice> dra_devices(const GpuDevice& gpu) {
  DraDevice whole;
  whole.name = gpu.name;
  whole.attributes = {{std::string(dra_attribute::kType), std::string("gpu")},
                      {std::string(dra_attribute::kUuid), gpu.uuid},
                      {std::string(dra_attribute::kProductName), gpu.product_name},
                      {std::string(dra_attribute::kPcieRoot), gpu.pcie_root},
                      {std::string(dra_attribute::kNumaNode), std::int64_t{gpu.numa_node}}};
  if (!gpu.clique_id.empty())
    whole.attributes[std::string(dra_attribute::kCliqueId)] = gpu.clique_id;
  if (!gpu.nvlink_partition.empty())
    whole.attributes[std::string(dra_attribute::kPartition)] = gpu.nvlink_partition;
  whole.capacity = {{"memory", gpu.memory.count()}};
  if (gpu.mig) whole.consumes = {all_counters(gpu)};
  std::vector<DraDevice> devices{std::move(whole)};
  if (!gpu.mig) return devices;
  for (const MigProfile& profile : gpu.mig->profiles)
    for (const std::int32_t start : profile.starts)
      devices.push_back(partition_of(gpu, profile, start));
  return devices;
}

}  // namespace plimsoll
