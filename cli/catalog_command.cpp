// plimsoll catalog: what GPUs, nodes, prices, models, engines and calibrations there are, what their files say, and
// whether all of them are whole.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "cli/catalog_figures.hpp"
#include "cli/catalog_topo.hpp"
#include "cli/command.hpp"
#include "core/config/suggest.hpp"
#include "core/error.hpp"
#include "hardware/catalog_paths.hpp"
#include "hardware/hardware_catalog.hpp"
#include "workloads/catalog_check.hpp"
#include "workloads/workload_catalog.hpp"

namespace plimsoll::cli {
namespace {

namespace po = boost::program_options;

void add_catalogs(Options& options) {
  options.add()("catalog", po::value<std::vector<std::string>>()->value_name("DIR")->composing(),
                "search this catalogue first; may be repeated");
}

std::vector<std::filesystem::path> roots_of(const Options& options) {
  const auto given = options.get_or<std::vector<std::string>>("catalog", {});
  return catalog_roots({given.begin(), given.end()}, ".");
}

/// The kinds of entries, by the names of their folders.
class Kinds {
 public:
  explicit Kinds(const std::vector<std::filesystem::path>& roots)
      : hardware_(roots), workloads_(roots) {}

  static std::vector<std::string> names() {
    return {"gpus",   "nodes",   "links",        "fabrics",    "collectives", "prices",
            "models", "engines", "calibrations", "acceptance", "training"};
  }
  const CatalogFolder& folder(const std::string& kind) const {
    if (kind == "gpus") return hardware_.gpus();
    if (kind == "nodes") return hardware_.nodes();
    if (kind == "links") return hardware_.links();
    if (kind == "fabrics") return hardware_.fabrics();
    if (kind == "collectives") return hardware_.collective_sets();
    if (kind == "prices") return hardware_.price_lists();
    if (kind == "models") return workloads_.models();
    if (kind == "engines") return workloads_.engines();
    if (kind == "calibrations") return workloads_.calibrations();
    if (kind == "acceptance") return workloads_.acceptances();
    if (kind == "training") return workloads_.training_laws();
    throw ConfigError(Position{}, unknown_name("kind of entry", kind, names()));
  }
  /// Reads the entry, so that its faults are seen, and derives what can be.
  DerivedFigures derive(const CatalogEntry& entry) {
    const std::string& name = entry.name;
    if (entry.kind == "gpus") return derived_of(hardware_.gpu(name, {}));
    if (entry.kind == "models") return derived_of(workloads_.model(name, {}));
    if (entry.kind == "nodes") hardware_.node(name, {});
    if (entry.kind == "links") hardware_.link(name, {});
    if (entry.kind == "fabrics") hardware_.fabric(name, {});
    if (entry.kind == "collectives") hardware_.collectives(name, {});
    if (entry.kind == "prices") hardware_.prices(name, {});
    if (entry.kind == "engines") workloads_.engine(name, {});
    if (entry.kind == "calibrations") workloads_.calibration(name, {});
    if (entry.kind == "acceptance") workloads_.acceptance(name, {});
    if (entry.kind == "training") workloads_.training_law(name, {});
    return {};
  }

 private:
  HardwareCatalog hardware_;
  WorkloadCatalog workloads_;
};

int list_catalog(std::vector<std::string> words) {
  std::vector<std::string> kinds = Kinds::names();
  if (!words.empty() && !words[0].starts_with('-')) {
    kinds = {words[0]};
    words.erase(words.begin());
  }
  Options options("catalog list [KIND] [options]",
                  fmt::format("Lists the catalogue's entries, of one kind or of all: {}.",
                              fmt::join(Kinds::names(), ", ")));
  add_catalogs(options);
  options.add()("json", "print one JSON object instead of a table");
  if (!options.parse(words)) return 0;
  const Kinds catalog(roots_of(options));
  std::vector<CatalogEntry> entries;
  for (const std::string& kind : kinds)
    for (const std::string& name : catalog.folder(kind).names())
      entries.push_back(catalog.folder(kind).find(name, {}));
  std::cout << (options.given("json") ? list_json(entries) : list_text(entries));
  return 0;
}

int show_entry(const std::vector<std::string>& words) {
  Options options("catalog show KIND NAME [options]",
                  "Shows an entry's figures with their sources, and what follows from them.");
  options.positional("kind", "folder of the entry: gpus, nodes, prices, models, ...");
  options.positional("name", "its name, or another name of it");
  add_catalogs(options);
  options.add()("json", "print one JSON object instead of a table");
  if (!options.parse(words)) return 0;
  Kinds catalog(roots_of(options));
  const CatalogEntry entry = catalog.folder(options.get("kind")).find(options.get("name"), {});
  const DerivedFigures derived = catalog.derive(entry);
  std::cout << (options.given("json") ? entry_json(entry, derived) : entry_text(entry, derived));
  return 0;
}

int check_catalog(const std::vector<std::string>& words) {
  Options options("catalog check [options]",
                  "Reads every file of the catalogues and reports all faults at once.");
  add_catalogs(options);
  if (!options.parse(words)) return 0;
  CatalogCheck check = check_catalogs(roots_of(options));
  if (!check.faults.empty()) throw ConfigError(std::move(check.faults));
  std::cout << fmt::format("{} files, no fault\n", check.files);
  return 0;
}

}  // namespace

int catalog_command(const Call& call) {
  if (call.words.empty() || call.words[0] == "--help" || call.words[0] == "-h") {
    std::cout << "Usage: plimsoll catalog list [KIND] [options]\n"
                 "       plimsoll catalog show KIND NAME [options]\n"
                 "       plimsoll catalog topo NODE [options]\n"
                 "       plimsoll catalog check [options]\n\n"
                 "plimsoll catalog list --help, show --help, topo --help and check --help tell "
                 "more.\n";
    return call.words.empty() ? 2 : 0;
  }
  const std::vector<std::string> rest(call.words.begin() + 1, call.words.end());
  if (call.words[0] == "list") return list_catalog(rest);
  if (call.words[0] == "show") return show_entry(rest);
  if (call.words[0] == "topo") return show_topology(rest);
  if (call.words[0] == "check") return check_catalog(rest);
  throw ConfigError(Position{}, unknown_name("catalog command", call.words[0],
                                             {"list", "show", "topo", "check"}));
}

}  // namespace plimsoll::cli
