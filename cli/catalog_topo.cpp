#include "cli/catalog_topo.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/command.hpp"
#include "core/error.hpp"
#include "hardware/catalog_paths.hpp"
#include "hardware/hardware_catalog.hpp"
#include "hardware/topology/topology_svg.hpp"
#include "hardware/topology/topology_text.hpp"

namespace plimsoll::cli {
namespace {

namespace po = boost::program_options;

/// A node type's, or that of a file as its machine tells it.
NodeTopology find_topology(HardwareCatalog& catalog, const std::string& name) {
  std::error_code error;
  if (name.find('/') != std::string::npos || std::filesystem::is_regular_file(name, error))
    return read_topology(name, catalog.topology_lookup());
  return catalog.topology(name, {});
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw IoError("cannot write " + path);
}

}  // namespace

int show_topology(const std::vector<std::string>& words) {
  Options options("catalog topo NODE [options]",
                  "Shows how the devices of a node type hang together: islands, connections, "
                  "bandwidth between GPUs. NODE may be a file too: hwloc's or NCCL's XML, the "
                  "output of `nvidia-smi topo -m`, or a Kubernetes Node with its ResourceSlices.");
  options.positional("node", "a name of the catalogue of nodes, or a file");
  options.add()("catalog", po::value<std::vector<std::string>>()->value_name("DIR")->composing(),
                "search this catalogue first; may be repeated")(
      "svg", po::value<std::string>()->value_name("FILE"), "draw it into this file")(
      "json", "print one JSON object instead of tables");
  if (!options.parse(words)) return 0;
  const auto given = options.get_or<std::vector<std::string>>("catalog", {});
  HardwareCatalog catalog(catalog_roots({given.begin(), given.end()}, "."));
  const NodeTopology topology = find_topology(catalog, options.get("node"));
  if (options.given("svg")) write_file(options.get("svg"), topology_svg(topology));
  std::cout << (options.given("json") ? topology_json(topology) : topology_text(topology));
  return 0;
}

}  // namespace plimsoll::cli
