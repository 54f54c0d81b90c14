// What `plimsoll catalog check` finds: nothing in what ships, and every kind of fault in what does not.
#include "workloads/catalog_check.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "hardware/catalog_paths.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;
namespace fs = std::filesystem;

namespace {

class CatalogOnDisk {
 public:
  CatalogOnDisk()
      : root_(fs::temp_directory_path() / fmt::format("plimsoll_check_{}", ::getpid())) {
    fs::remove_all(root_);
  }
  ~CatalogOnDisk() { fs::remove_all(root_); }
  CatalogOnDisk(const CatalogOnDisk&) = delete;

  void add(const std::string& file, const std::string& text) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  CatalogCheck check() const { return check_catalogs({root_}); }

 private:
  fs::path root_;
};

std::string gpu(const std::string& aliases, const std::string& fp8) {
  return "aliases: [" + aliases +
         "]\n"
         "memory_capacity: {value: 80 GB, source: a}\n"
         "memory_bandwidth: {value: 2 TB/s, source: b}\n"
         "bf16_dense: {value: 900 TFLOP/s, source: c}\n"
         "fp8_dense: {value: " +
         fp8 +
         " TFLOP/s, source: c}\n"
         "board_power_max: {value: 700 W, source: d}\n"
         "idle_power: {value: 100 W, source: e}\n";
}

std::string all_faults(const CatalogCheck& check) {
  std::string text;
  for (const Fault& fault : check.faults) text += fault.text() + "\n";
  return text;
}

}  // namespace

TEST_CASE("the shipped catalogues are whole", "[catalog]") {
  const CatalogCheck check = check_catalogs(catalog_roots({}, "no scenario"));
  CHECK(all_faults(check).empty());
  CHECK(check.files > 80);
}

TEST_CASE("all faults of all kinds are found at once", "[catalog]") {
  const CatalogOnDisk disk;
  disk.add("gpus/dense.yaml", gpu("d", "1800"));
  disk.add("gpus/sparse.yaml", gpu("d", "3600"));
  disk.add("gpus/torn.yaml", "aliases: [");
  disk.add("nodes/box.yaml",
           "gpu: sparce\ngpus: {value: 8, source: s}\nnvlink_island: {value: 8, source: s}\n");
  disk.add("prices/list.yaml",
           "gpus:\n  dense: {value: 1 USD/h, source: s}\n"
           "  missing: {value: 1 USD/h, source: s}\n");
  disk.add("models/none.yaml", "layers: {value: 0, source: s}\n");
  const CatalogCheck check = disk.check();
  const std::string faults = all_faults(check);
  INFO(faults);
  CHECK(check.files == 6);
  CHECK(faults.find("alias \"d\" of sparse is a name of dense already.") != std::string::npos);
  CHECK(faults.find("fp8_dense.value = 3.6 PFLOP/s is 4.00 times bf16_dense") != std::string::npos);
  CHECK(faults.find("torn.yaml:") != std::string::npos);
  CHECK(faults.find("box.yaml:1:6: unknown GPU \"sparce\". Did you mean \"sparse\"?") !=
        std::string::npos);
  CHECK(faults.find("list.yaml:3:3: unknown GPU \"missing\"") != std::string::npos);
  CHECK(faults.find("layers.value = 0 is outside [1, 10000]") != std::string::npos);
}

TEST_CASE("an alias may not be another entry's name", "[catalog]") {
  const CatalogOnDisk disk;
  disk.add("gpus/one.yaml", gpu("two, uno", "1800"));
  disk.add("gpus/two.yaml", gpu("zwei", "1800"));
  CHECK(all_faults(disk.check()).find("alias \"two\" of one is a name of two already.") !=
        std::string::npos);
}

TEST_CASE("training laws name GPUs of the catalogue, each once", "[catalog]") {
  const CatalogOnDisk disk;
  disk.add("gpus/one.yaml", gpu("uno", "1800"));
  const std::string rest =
      "efficiency: {value: 0.5, source: s}\ntensor_overlap: {value: 0, source: s}\n"
      "data_overlap: {value: 0, source: s}\nnode_jitter: {value: 0, source: s}\n";
  disk.add("training/a.yaml", "gpus: [one, onne]\n" + rest);
  disk.add("training/b.yaml", "gpus: [one, uno]\n" + rest);
  disk.add("training/c.yaml", "gpus: []\nefficiency: {value: 2, source: s}\n");
  const CatalogCheck check = disk.check();
  const std::string faults = all_faults(check);
  INFO(faults);
  CHECK(check.files == 4);
  CHECK(faults.find("a.yaml:1:13: unknown GPU \"onne\". Did you mean \"one\"?") !=
        std::string::npos);
  CHECK(faults.find("b.yaml:1:8: one has a training law already, a.") != std::string::npos);
  CHECK(faults.find("b.yaml:1:13: uno is another name of one; write that.") != std::string::npos);
  CHECK(faults.find("c.yaml:2:21: c.efficiency.value = 2 is outside [0.01, 1]") !=
        std::string::npos);
}
