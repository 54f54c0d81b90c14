#include "hardware/devices/device_inventory.hpp"

#include <map>
#include <set>

#include "core/random_stream.hpp"
#include "tests/catch.hpp"
#include "tests/unit/hardware/topology_samples.hpp"

using namespace plimsoll;

namespace {

GpuDevice device(const std::string& gpu, GpuSharing sharing) {
  const GpuSpec spec = samples::shipped().gpu(gpu, {});
  GpuDevice made;
  made.name = "gpu-0";
  made.uuid = "GPU-0";
  made.product_name = spec.product_name.value_or("");
  made.memory = spec.memory_capacity.value;
  made.mig = spec.mig;
  made.sharing = sharing;
  return made;
}

/// A plain generator, so that the test is the same everywhere.
class Dice {
 public:
  std::uint64_t next(std::uint64_t below) {
    state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
    return (state_ >> 33) % below;
  }

 private:
  std::uint64_t state_ = 42;
};

/// No slice of memory held twice, no more compute slices than there are, by the grants themselves.
void check_grants(const DeviceInventory& inventory) {
  std::map<std::int32_t, std::set<std::int32_t>> slices;
  std::map<std::int32_t, std::int32_t> compute;
  std::map<std::int32_t, std::int32_t> milli;
  std::set<std::int64_t> ids;
  for (const DeviceGrant& grant : inventory.grants()) {
    REQUIRE(ids.insert(grant.id).second);
    milli[grant.gpu] += grant.milli;
    if (grant.profile < 0) continue;
    const MigSpec& mig = *inventory.gpu(grant.gpu).mig;
    const MigProfile& profile = mig.profiles[static_cast<std::size_t>(grant.profile)];
    compute[grant.gpu] += profile.compute;
    for (std::int32_t i = 0; i < profile.memory; ++i)
      REQUIRE(slices[grant.gpu].insert(grant.start + i).second);
    REQUIRE(compute[grant.gpu] <= mig.compute_slices);
  }
  for (const auto& [gpu, sum] : milli) {
    REQUIRE(sum <= 1000);
    REQUIRE(inventory.free_milli(gpu) == 1000 - sum);
  }
  for (const auto& [gpu, sum] : compute)
    REQUIRE(inventory.free_compute_slices(gpu) == inventory.gpu(gpu).mig->compute_slices - sum);
}

}  // namespace

TEST_CASE("whatever is asked for and given back, no slice is held twice", "[hardware][devices]") {
  DeviceInventory inventory;
  for (const char* gpu :
       {"nvidia_a100_sxm_40gb", "nvidia_h100_sxm", "nvidia_b200_sxm", "nvidia_rtx_pro_6000"})
    inventory.add(device(gpu, GpuSharing::mig));
  inventory.add(device("nvidia_t4", GpuSharing::mps));
  GpuDevice turns = device("nvidia_t4", GpuSharing::time_slicing);
  turns.replicas = 4;
  inventory.add(turns);
  Dice dice;
  std::size_t granted = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto gpu = static_cast<std::int32_t>(dice.next(inventory.size()));
    const auto what = dice.next(5);
    if (what < 2 && !inventory.grants().empty()) {
      const auto id = inventory.grants()[dice.next(inventory.grants().size())].id;
      REQUIRE(inventory.release(id));
      REQUIRE_FALSE(inventory.release(id));
    } else if (what == 2) {
      granted += inventory.take_whole(gpu).has_value();
    } else if (inventory.gpu(gpu).sharing == GpuSharing::mig) {
      const auto& profiles = inventory.gpu(gpu).mig->profiles;
      const std::string& name = profiles[dice.next(profiles.size())].name;
      const auto starts = inventory.free_starts(gpu, name);
      REQUIRE(inventory.take_partition(gpu, name).has_value() == !starts.empty());
    } else {
      granted += inventory
                     .take_share(gpu, 1 + static_cast<std::int32_t>(dice.next(400)),
                                 Bytes{static_cast<std::int64_t>(dice.next(8'000'000'000))})
                     .has_value();
    }
    check_grants(inventory);
  }
  CHECK(granted > 500);
  while (!inventory.grants().empty()) inventory.release(inventory.grants().back().id);
  for (std::int32_t gpu = 0; gpu < static_cast<std::int32_t>(inventory.size()); ++gpu) {
    CHECK(inventory.is_free(gpu));
    CHECK(inventory.take_whole(gpu));
  }
}

TEST_CASE("an A100 holds the partitions that its guide allows", "[hardware][devices]") {
  DeviceInventory inventory;
  const std::int32_t gpu = inventory.add(device("nvidia_a100_sxm_40gb", GpuSharing::mig));
  CHECK(inventory.free_starts(gpu, "3g.20gb") == std::vector<std::int32_t>{0, 4});
  const auto first = inventory.take_partition(gpu, "3g.20gb", 0);
  REQUIRE(first);
  CHECK(first->memory == Bytes{20'000'000'000});
  CHECK_FALSE(inventory.take_partition(gpu, "4g.20gb"));  // only at slice 0
  CHECK_FALSE(inventory.take_partition(gpu, "3g.20gb", 0));
  CHECK(inventory.take_partition(gpu, "3g.20gb"));
  CHECK(inventory.free_compute_slices(gpu) == 1);
  CHECK(inventory.free_memory_slices(gpu) == 0);
  CHECK_FALSE(inventory.take_partition(gpu, "1g.5gb"));  // compute is left, memory is not
  CHECK_FALSE(inventory.take_whole(gpu));
  CHECK_FALSE(inventory.take_partition(gpu, "9g.90gb"));
  DeviceInventory sevens;
  sevens.add(device("nvidia_a100_sxm_40gb", GpuSharing::mig));
  for (int i = 0; i < 7; ++i) CHECK(sevens.take_partition(0, "1g.5gb"));
  CHECK_FALSE(sevens.take_partition(0, "1g.5gb"));
}

TEST_CASE("shares by turns have slots, shares by MPS have limits", "[hardware][devices]") {
  DeviceInventory inventory;
  GpuDevice turns = device("nvidia_t4", GpuSharing::time_slicing);
  turns.replicas = 2;
  inventory.add(turns);
  CHECK(inventory.take_share(0, 500, Bytes{1}));
  CHECK_FALSE(inventory.take_share(0, 501, Bytes{1}));
  CHECK(inventory.take_share(0, 100, Bytes{1}));
  CHECK_FALSE(inventory.take_share(0, 100, Bytes{1}));
  inventory.add(device("nvidia_t4", GpuSharing::mps));
  CHECK(inventory.take_share(1, 600, Bytes{10'000'000'000}));
  CHECK_FALSE(inventory.take_share(1, 300, Bytes{10'000'000'000}));  // memory
  CHECK_FALSE(inventory.take_share(1, 500, Bytes{1}));               // compute
  CHECK(inventory.take_share(1, 400, Bytes{1}));
  inventory.add(device("nvidia_t4", GpuSharing::whole));
  CHECK_FALSE(inventory.take_share(2, 500, Bytes{1}));
}

TEST_CASE("a GPU is published with its partitions, which draw on its counters",
          "[hardware][devices]") {
  GpuDevice gpu = device("nvidia_h100_sxm", GpuSharing::mig);
  gpu.pcie_root = "pci0000:15";
  gpu.clique_id = "d.1";
  const std::vector<DraDevice> devices = dra_devices(gpu);
  REQUIRE(devices.size() == 1 + 7 + 4 + 3 + 2 + 1 + 1);
  CHECK(devices[0].text("uuid") == "GPU-0");
  CHECK(devices[0].text("cliqueID") == "d.1");
  CHECK(devices[0].text("resource.kubernetes.io/pcieRoot") == "pci0000:15");
  for (const DraDevice& part : devices) {
    REQUIRE(part.consumes.size() == 1);
    for (const auto& [counter, amount] : part.consumes[0].counters)
      CHECK(amount <= devices[0].consumes[0].counters.at(counter));
  }
  CHECK(devices.back().text("profile") == "7g.80gb");
}

TEST_CASE("a GPU that cannot be shared as asked is refused", "[hardware][devices]") {
  DeviceInventory inventory;
  CHECK_THAT(samples::faults_of([&] { inventory.add(device("nvidia_t4", GpuSharing::mig)); }),
             Catch::Contains("gpu-0 (Tesla T4) has no MIG profiles"));
  GpuDevice none = device("nvidia_t4", GpuSharing::time_slicing);
  none.replicas = 0;
  CHECK_THAT(samples::faults_of([&] { inventory.add(none); }), Catch::Contains("0 replicas"));
}
