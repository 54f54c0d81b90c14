#include "workloads/catalog_check.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "hardware/hardware_catalog.hpp"
#include "workloads/workload_catalog.hpp"

namespace plimsoll {
namespace {

/// Faults in the order found, each once: a broken file may be met again by those that refer to it.
class FaultList {
 public:
  void add(const Fault& fault) {
    if (seen_.insert(fault.text()).second) faults_.push_back(fault);
  }
  template <class Read>
  void collect(Read&& read) {
    try {
      read();
    } catch (const ConfigError& error) {
      for (const Fault& fault : error.faults()) add(fault);
    }
  }
  std::vector<Fault> take() { return std::move(faults_); }

 private:
  std::set<std::string> seen_;
  std::vector<Fault> faults_;
};

/// Every name of one kind, with the entry that it belongs to.
using Owners = std::map<std::string, std::string>;

void check_aliases(const CatalogEntry& entry, Owners& owners, FaultList& faults) {
  const ConfigNode* aliases = entry.root.find("aliases");
  if (!aliases) return;
  for (const ConfigNode& alias : aliases->items) {
    const auto [owner, is_new] = owners.emplace(alias.text, entry.name);
    if (!is_new)
      faults.add({alias.at, fmt::format("alias \"{}\" of {} is a name of {} already.", alias.text,
                                        entry.name, owner->second)});
  }
}

/// `read(entry)` throws the faults of one file.
template <class Read>
void check_kind(const CatalogFolder& folder, CatalogCheck& check, FaultList& faults, Read&& read) {
  Owners owners;
  for (const std::string& name : folder.names()) owners.emplace(name, name);
  for (const std::string& name : folder.names()) {
    ++check.files;
    faults.collect([&] {
      const CatalogEntry entry = folder.find(name, {});
      check_aliases(entry, owners, faults);
      read(entry);
    });
  }
}

void check_trained_gpu(const ConfigNode& gpu, const std::string& law,
                       const HardwareCatalog& hardware, Owners& owners) {
  const std::string name = hardware.gpus().find(gpu.text, gpu.at).name;
  if (name != gpu.text)
    throw ConfigError(gpu.at, fmt::format("{} is another name of {}; write that.", gpu.text, name));
  const auto [owner, is_new] = owners.emplace(name, law);
  if (!is_new)
    throw ConfigError(gpu.at,
                      fmt::format("{} has a training law already, {}.", name, owner->second));
}

}  // namespace

CatalogCheck check_catalogs(const std::vector<std::filesystem::path>& roots) {
  HardwareCatalog hardware(roots);
  WorkloadCatalog workloads(roots);
  CatalogCheck check;
  FaultList faults;
  check_kind(hardware.gpus(), check, faults,
             [&](const CatalogEntry& entry) { hardware.gpu(entry.name, {}); });
  check_kind(hardware.nodes(), check, faults, [&](const CatalogEntry& entry) {
    const NodeSpec node = hardware.node(entry.name, {});
    if (!node.gpu.empty()) hardware.gpus().find(node.gpu, position_of(entry.root, "gpu"));
    if (node.topology) hardware.topology(entry.name, {});
  });
  check_kind(hardware.links(), check, faults,
             [&](const CatalogEntry& entry) { hardware.link(entry.name, {}); });
  check_kind(hardware.fabrics(), check, faults,
             [&](const CatalogEntry& entry) { hardware.fabric(entry.name, {}); });
  check_kind(hardware.collective_sets(), check, faults,
             [&](const CatalogEntry& entry) { hardware.collectives(entry.name, {}); });
  check_kind(hardware.price_lists(), check, faults, [&](const CatalogEntry& entry) {
    hardware.prices(entry.name, {});
    for (const ConfigEntry& price : entry.root.find("gpus")->entries)
      faults.collect([&] { hardware.gpus().find(price.key, price.key_at); });
  });
  check_kind(workloads.models(), check, faults,
             [&](const CatalogEntry& entry) { workloads.model(entry.name, {}); });
  check_kind(workloads.engines(), check, faults,
             [&](const CatalogEntry& entry) { workloads.engine(entry.name, {}); });
  check_kind(workloads.calibrations(), check, faults,
             [&](const CatalogEntry& entry) { workloads.calibration(entry.name, {}); });
  check_kind(workloads.acceptances(), check, faults,
             [&](const CatalogEntry& entry) { workloads.acceptance(entry.name, {}); });
  Owners trained;
  check_kind(workloads.training_laws(), check, faults, [&](const CatalogEntry& entry) {
    workloads.training_law(entry.name, {});
    for (const ConfigNode& gpu : entry.root.find("gpus")->items)
      faults.collect([&] { check_trained_gpu(gpu, entry.name, hardware, trained); });
  });
  check.faults = faults.take();
  return check;
}

}  // namespace plimsoll
