// The catalogue: every shipped file is whole, and every way to get one wrong is refused.
#include "hardware/hardware_catalog.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "core/config/yaml.hpp"
#include "hardware/catalog_paths.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;
namespace fs = std::filesystem;

namespace {

HardwareCatalog shipped() { return HardwareCatalog(catalog_roots({}, "no scenario")); }

/// A catalogue of one's own, removed at the end.
class CatalogOnDisk {
 public:
  explicit CatalogOnDisk(const std::string& name)
      : root_(fs::temp_directory_path() / fmt::format("plimsoll_{}_{}", name, ::getpid())) {
    fs::remove_all(root_);
  }
  ~CatalogOnDisk() { fs::remove_all(root_); }
  CatalogOnDisk(const CatalogOnDisk&) = delete;

  void add(const std::string& file, const std::string& text) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  const fs::path& root() const { return root_; }

 private:
  fs::path root_;
};

const char* const kGpu = R"(
memory_capacity:  {value: 80 GB, source: "a"}
memory_bandwidth: {value: 2 TB/s, source: "b"}
bf16_dense:       {value: 900 TFLOP/s, source: "c"}
board_power_max:  {value: 700 W, source: "d"}
idle_power:       {value: 100 W, source: "e"}
)";

/// The faults of a GPU file after one replacement.
std::string gpu_faults(const std::string& from, const std::string& to) {
  std::string text = kGpu;
  text.replace(text.find(from), from.size(), to);
  const CatalogOnDisk catalog("gpu_faults");
  catalog.add("gpus/mine.yaml", text);
  try {
    HardwareCatalog({catalog.root()}).gpu("mine", {});
  } catch (const ConfigError& error) {
    std::string faults;
    for (const Fault& fault : error.faults()) faults += fault.message + "\n";
    return faults;
  }
  return "no fault";
}

}  // namespace

TEST_CASE("every file of the shipped catalogue is read without a fault", "[hardware]") {
  HardwareCatalog catalog = shipped();
  std::set<std::string> aliases;
  const auto check_aliases = [&](const auto& spec, const CatalogFolder& folder) {
    for (const std::string& alias : spec.aliases) {
      CHECK(aliases.insert(alias).second);
      CHECK(folder.find(alias, {}).name == spec.name);
    }
  };
  for (const std::string& name : catalog.gpus().names())
    check_aliases(catalog.gpu(name, {}), catalog.gpus());
  for (const std::string& name : catalog.nodes().names()) {
    const NodeSpec node = catalog.node(name, {});
    check_aliases(node, catalog.nodes());
    if (!node.gpu.empty()) CHECK_NOTHROW(catalog.gpu(node.gpu, {}));
  }
  for (const std::string& name : catalog.price_lists().names()) {
    const PriceList prices = catalog.prices(name, {});
    check_aliases(prices, catalog.price_lists());
    for (const auto& [gpu, price] : prices.gpus) CHECK(catalog.gpu(gpu, {}).name == gpu);
  }
  CHECK(catalog.used().size() == catalog.gpus().names().size() + catalog.nodes().names().size() +
                                     catalog.price_lists().names().size());
}

TEST_CASE("the H100 is what its sources say", "[hardware]") {
  HardwareCatalog catalog = shipped();
  const GpuSpec gpu = catalog.gpu("h100-sxm", {});
  CHECK(gpu.name == "nvidia_h100_sxm");
  CHECK(gpu.memory_capacity.value == Bytes{85'899'345'920});
  CHECK(gpu.memory_bandwidth.value == BytesPerSecond{3.35e12});
  CHECK(gpu.bf16_dense.value == FlopPerSecond{989e12});
  CHECK(gpu.fp8_dense->value == FlopPerSecond{1978e12});
  CHECK(gpu.board_power_max.value == Watts{700});
  CHECK_FALSE(gpu.idle_power.source.empty());
  CHECK(catalog.node("hgx_h100_8", {}).gpus.value == 8);
  CHECK(catalog.prices("market_2025_11", {}).gpus.at("nvidia_h100_sxm").value == UsdPerHour{2.69});
}

TEST_CASE("the GPUs that the planner compares are there, with dense rates", "[hardware]") {
  HardwareCatalog catalog = shipped();
  for (const char* name :
       {"nvidia_a100_sxm_40gb", "nvidia_a100_sxm_80gb", "nvidia_l40s", "nvidia_h100_sxm",
        "nvidia_h100_pcie", "nvidia_h200_sxm", "nvidia_b200_sxm", "nvidia_gb200", "nvidia_b300_sxm",
        "nvidia_gb300", "amd_mi300x", "nvidia_rtx_pro_6000", "nvidia_rtx_4090"})
    CHECK(catalog.gpu(name, {}).name == name);
  for (const std::string& name : catalog.gpus().names()) {
    INFO(name);
    const GpuSpec gpu = catalog.gpu(name, {});
    const double bf16 = gpu.bf16_dense.value.count();
    if (gpu.fp8_dense) CHECK(gpu.fp8_dense->value.count() / bf16 == Approx(2).epsilon(0.02));
    if (gpu.fp4_dense) CHECK(gpu.fp4_dense->value.count() / bf16 < 6.5);
  }
  CHECK_FALSE(catalog.gpu("a100-sxm", {}).fp8_dense);
}

TEST_CASE("names of published measurements find their GPU", "[hardware]") {
  HardwareCatalog catalog = shipped();
  CHECK(catalog.gpu("h200_sxm", {}).name == "nvidia_h200_sxm");
  CHECK(catalog.gpu("B200", {}).name == "nvidia_b200_sxm");
  CHECK(catalog.gpu("AMD Instinct MI300X 192GB HBM3", {}).name == "amd_mi300x");
  CHECK(catalog.gpu("NVIDIA H200-NVL-141GB", {}).name == "nvidia_h200_nvl");
  CHECK(catalog.gpu("RTXPRO6000", {}).name == "nvidia_rtx_pro_6000");
  CHECK(catalog.gpu("a100-80gb", {}).name == "nvidia_a100_sxm_80gb");
}

TEST_CASE("rates with sparsity do not pass for dense ones", "[hardware]") {
  const std::string fp8 = "fp8_dense: {value: 3600 TFLOP/s, source: \"x\"}\nidle_power:";
  CHECK(gpu_faults("idle_power:", fp8)
            .find("fp8_dense.value = 3.6 PFLOP/s is 4.00 times "
                  "bf16_dense.value = 900 TFLOP/s; dense rates differ by "
                  "1.8 to 2.2.") == 0);
  const std::string dense = "fp8_dense: {value: 1800 TFLOP/s, source: \"x\"}\n";
  CHECK(gpu_faults("idle_power:", dense + "idle_power:") == "no fault");
  CHECK(gpu_faults("idle_power:",
                   dense + "fp4_dense: {value: 5400 TFLOP/s, source: \"x\"}\nidle_power:") ==
        "no fault");
  CHECK(gpu_faults("idle_power:",
                   dense + "fp4_dense: {value: 7200 TFLOP/s, source: \"x\"}\nidle_power:")
            .find("fp4_dense.value = 7.2 PFLOP/s is 4.00 times fp8_dense") == 0);
}

TEST_CASE("a rate said to be sustained lies below the peak of its format", "[hardware]") {
  const auto with = [](const std::string& figure) {
    return gpu_faults("idle_power:", figure + "\nidle_power:");
  };
  CHECK(with("bf16_sustained: {value: 700 TFLOP/s, source: \"x\"}") == "no fault");
  CHECK(with("bf16_sustained: {value: 1 PFLOP/s, source: \"x\"}")
            .find("bf16_sustained.value = 1 PFLOP/s is above bf16_dense = 900 TFLOP/s.") == 0);
  CHECK(with("fp8_sustained: {value: 700 TFLOP/s, source: \"x\"}")
            .find("fp8_sustained.value = 700 TFLOP/s is above fp8_dense = 0 FLOP/s.") == 0);
}

TEST_CASE("an unknown name is reported where it was asked for, with the nearest one",
          "[hardware]") {
  HardwareCatalog catalog = shipped();
  CHECK_THROWS_WITH(
      catalog.node("hgx_h100-8", {"a.yaml", 3, 7}),
      Catch::Contains(
          "a.yaml:3:7: unknown node type \"hgx_h100-8\". Did you mean \"hgx_h100_8\"?"));
  CHECK_THROWS_AS(catalog.gpu("", {}), ConfigError);
}

TEST_CASE("a figure without a source, with a wrong unit or beyond physics is a fault",
          "[hardware]") {
  CHECK(gpu_faults("{value: 80 GB, source: \"a\"}", "80 GB") ==
        "memory_capacity = 80 GB has no source; write {value: ..., source: \"...\"} (device "
        "memory).\n");
  CHECK(gpu_faults(", source: \"b\"", "") ==
        "memory_bandwidth.source is missing (where the value is from).\n");
  CHECK(gpu_faults("\"c\"", "\"\"") ==
        "bf16_dense.source = \"\" is empty (where the value is from).\n");
  CHECK(gpu_faults("80 GB", "80 TB/s").find("is not a size") != std::string::npos);
  CHECK(gpu_faults("700 W", "700").find("has no unit; write a power such as 700 W") !=
        std::string::npos);
  CHECK(gpu_faults("900 TFLOP/s", "900 GFLOP/s") == "no fault");
  CHECK(gpu_faults("900 TFLOP/s", "900 MFLOP/s") ==
        "bf16_dense.value = 900 MFLOP/s is outside [100 GFLOP/s, 1000 PFLOP/s] "
        "(peak bf16 rate without sparsity).\n");
  CHECK(gpu_faults("100 W", "800 W") ==
        "idle_power.value = 800 W is above board_power_max.value = 700 W.\n");
  CHECK(gpu_faults("bf16_dense", "b16_dense") ==
        "bf16_dense is missing (peak bf16 rate without sparsity).\n"
        "unknown key \"b16_dense\". Did you mean \"bf16_dense\"? Known: aliases, memory_capacity, "
        "memory_bandwidth, bf16_dense, fp8_dense, fp4_dense, bf16_sustained, fp8_sustained, "
        "nvlink_bandwidth, pcie_bandwidth, board_power_max, idle_power, "
        "product_name, mig.\n");
  CHECK(gpu_faults("value: 2", "valeu: 2").find("Did you mean \"value\"?") != std::string::npos);
}

TEST_CASE("an earlier root hides the same name of a later one", "[hardware]") {
  const CatalogOnDisk mine("mine"), theirs("theirs");
  mine.add("gpus/one.yaml", kGpu);
  theirs.add("gpus/one.yaml", "nonsense: [");
  theirs.add("gpus/two.yaml", kGpu);
  HardwareCatalog catalog({mine.root(), theirs.root()});
  CHECK(catalog.gpus().names() == std::vector<std::string>{"one", "two"});
  CHECK(catalog.gpu("one", {}).memory_capacity.value == Bytes{80'000'000'000});
  const std::string hash = content_hash(catalog.used());
  catalog.gpu("two", {});
  CHECK(content_hash(catalog.used()) != hash);
  CHECK(hash.size() == 16);
}

TEST_CASE("a node's NVLink islands divide its GPUs", "[hardware]") {
  const CatalogOnDisk disk("islands");
  disk.add("nodes/odd.yaml",
           "gpu: x\ngpus: {value: 8, source: s}\nnvlink_island: {value: 3, source: s}\n");
  HardwareCatalog catalog({disk.root()});
  CHECK_THROWS_WITH(catalog.node("odd", {}),
                    Catch::Contains("nvlink_island.value = 3 does not divide gpus.value = 8."));
}

TEST_CASE("catalogue roots are the given ones, the scenario's, then those that ship",
          "[hardware]") {
  const CatalogOnDisk given("given"), scenario("scenario");
  given.add("gpus/x.yaml", kGpu);
  scenario.add("catalog/gpus/x.yaml", kGpu);
  const std::vector<fs::path> roots = catalog_roots({given.root()}, scenario.root());
  REQUIRE(roots.size() >= 3);
  CHECK(roots[0] == given.root());
  CHECK(roots[1] == scenario.root() / "catalog");
  CHECK(roots[2] == shipped_data() / "hardware" / "catalog");
  CHECK_THROWS_WITH(catalog_roots({"no/such"}, "."), "--catalog no/such: there is no such folder.");
}
