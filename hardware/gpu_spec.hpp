// What a GPU is, as its catalogue file states it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "hardware/devices/mig_spec.hpp"
#include "hardware/figure.hpp"

namespace plimsoll {

/// One file of hardware/catalog/gpus. Compute rates are dense, of the precision that their name
/// states.
struct GpuSpec {
  std::string name;  ///< its file's name
  std::vector<std::string> aliases;
  Figure<Bytes> memory_capacity;
  Figure<BytesPerSecond> memory_bandwidth;
  Figure<FlopPerSecond> bf16_dense;
  std::optional<Figure<FlopPerSecond>> fp8_dense;
  std::optional<Figure<FlopPerSecond>> fp4_dense;
  /// What its best matrix products keep up, where they were measured.
  std::optional<Figure<FlopPerSecond>> bf16_sustained;
  std::optional<Figure<FlopPerSecond>> fp8_sustained;
  std::optional<Figure<BytesPerSecond>> nvlink_bandwidth;  ///< or Infinity Fabric; one direction
  std::optional<Figure<BytesPerSecond>> pcie_bandwidth;    ///< to the host, one direction
  Figure<Watts> board_power_max;
  Figure<Watts> idle_power;
  std::optional<std::string> product_name;  ///< what the driver calls it: "NVIDIA H100 80GB HBM3"
  std::optional<MigSpec> mig;               ///< how it can be partitioned

  /// The bounds are physical: far beyond any part that exists, near enough to catch a slip of a
  /// thousand.
  template <class Visit>
  static void fields(Visit&& visit) {
    constexpr BytesPerSecond slowest{1e9}, fastest{1e15};
    constexpr FlopPerSecond least{1e11}, most{1e18};
    visit("aliases", &GpuSpec::aliases, "Other names of this GPU.");
    visit("memory_capacity", &GpuSpec::memory_capacity, "Device memory.", required,
          Bytes{1'000'000'000}, Bytes{100'000'000'000'000});
    visit("memory_bandwidth", &GpuSpec::memory_bandwidth, "Peak bandwidth of the device memory.",
          required, slowest, fastest);
    visit("bf16_dense", &GpuSpec::bf16_dense, "Peak bf16 rate without sparsity.", required, least,
          most);
    visit("fp8_dense", &GpuSpec::fp8_dense, "Peak fp8 rate without sparsity.", least, most);
    visit("fp4_dense", &GpuSpec::fp4_dense, "Peak four-bit rate without sparsity.", least, most);
    visit("bf16_sustained", &GpuSpec::bf16_sustained,
          "Rate that the best bf16 matrix product measured on it keeps up.", least, most);
    visit("fp8_sustained", &GpuSpec::fp8_sustained,
          "Rate that the best fp8 matrix product measured on it keeps up.", least, most);
    visit("nvlink_bandwidth", &GpuSpec::nvlink_bandwidth,
          "Bandwidth of one GPU to its NVLink (or Infinity Fabric) island in one direction.",
          slowest, fastest);
    visit("pcie_bandwidth", &GpuSpec::pcie_bandwidth, "Bandwidth to the host in one direction.",
          slowest, fastest);
    visit("board_power_max", &GpuSpec::board_power_max, "Most power that the board draws.",
          required, Watts{10}, Watts{20'000});
    visit("idle_power", &GpuSpec::idle_power, "Power of a GPU that does nothing.", required,
          Watts{1}, Watts{20'000});
    visit("product_name", &GpuSpec::product_name, "What the driver calls it.");
    visit("mig", &GpuSpec::mig, "How it can be partitioned.");
  }
};

}  // namespace plimsoll
