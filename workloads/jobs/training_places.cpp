#include "workloads/jobs/training_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/assert.hpp"
#include "core/config/suggest.hpp"

namespace plimsoll {

namespace {

std::vector<FabricLevel> levels_of(const std::vector<std::string>& names) {
  std::vector<FabricLevel> levels;
  std::vector<std::string> known;
  for (std::int32_t i = 0; i < kFabricLevels; ++i)
    known.emplace_back(level_name(static_cast<FabricLevel>(i)));
  for (const std::string& name : names) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end())
      throw ConfigError(Position{}, unknown_name("level of topology", name, known));
    levels.push_back(static_cast<FabricLevel>(found - known.begin()));
  }
  levels.push_back(FabricLevel::cluster);
  return levels;
}

bool is_called(const GpuSpec& gpu, const std::string& name) {
  return gpu.name == name ||
         std::find(gpu.aliases.begin(), gpu.aliases.end(), name) != gpu.aliases.end();
}

/// The nearest part of the network with one domain that holds all of the node's domain of `level`: a rack is none, and
/// may straddle leaves.
FabricLevel network_level(const ClusterTopology& cluster, FabricLevel level, std::int32_t node) {
  if (level >= FabricLevel::leaf) return level;
  const auto range = cluster.nodes_of(level, cluster.domain(level, node));
  for (const FabricLevel next : {FabricLevel::leaf, FabricLevel::spine, FabricLevel::fabric_pod})
    if (cluster.domain(next, range.begin) == cluster.domain(next, range.end - 1)) return next;
  return FabricLevel::cluster;
}

template <class T>
void keep_least(T& least, T found, bool first) {
  least = first ? found : std::min(least, found);
}

/// Of a node's GPUs while all send.
BytesPerSecond inside(const ClusterTopology& cluster, const PlacedGpus& node, const GpuSpec& gpu) {
  const CollectiveGroup group = cluster.group(std::vector<PlacedGpus>{node});
  if (group.gpu_bandwidth.count() > 0) return group.gpu_bandwidth;
  const auto& link = group.one_island ? gpu.nvlink_bandwidth : gpu.pcie_bandwidth;
  return link ? link->value : BytesPerSecond{0};
}

/// Islands of a placement's first GPUs.
class IslandCount {
 public:
  explicit IslandCount(std::int32_t used) : left_(used) {}

  void add(std::int32_t gpus) {
    const std::int32_t taken = std::min(left_, gpus);
    if (taken == 0) return;
    left_ -= taken;
    ++islands_;
    fewest_ = islands_ == 1 ? taken : std::min(fewest_, taken);
    aligned_ = std::gcd(aligned_, taken);
  }
  void write(TrainingGpus& gpus) const {
    PLIMSOLL_ASSERT(left_ == 0, "{} GPUs more are used than placed", left_);
    gpus.islands = islands_;
    gpus.fewest = fewest_;
    gpus.aligned = aligned_;
  }

 private:
  std::int32_t left_;
  std::int32_t islands_ = 0;
  std::int32_t fewest_ = 0;
  std::int32_t aligned_ = 0;
};

IslandCount islands_of(const PlacementShape& shape, std::int32_t nodes_each, std::int32_t used) {
  IslandCount count(used);
  if (nodes_each > 1 && !shape.gpus_per_island.empty()) {
    for (const std::int32_t gpus : shape.gpus_per_island) count.add(gpus);
    return count;
  }
  std::int32_t gpus = 0;
  std::int32_t nodes = 0;
  for (const std::int32_t on_node : shape.gpus_per_node) {
    gpus += on_node;
    if (++nodes % nodes_each == 0) count.add(std::exchange(gpus, 0));
  }
  count.add(gpus);
  return count;
}

std::int32_t nodes_of(const PlacementShape& shape, std::int32_t used) {
  std::int32_t nodes = 0;
  for (const std::int32_t gpus : shape.gpus_per_node) {
    if (used <= 0) break;
    used -= gpus;
    ++nodes;
  }
  return nodes;
}

}  // namespace

FlopPerSecond TrainingPlace::rate(TrainingPrecision precision) const {
  if (precision == TrainingPrecision::bf16) return gpu.bf16_dense.value;
  return gpu.fp8_dense ? gpu.fp8_dense->value : FlopPerSecond{0};
}

TrainingPlaces::TrainingPlaces(const ClusterTopology& cluster, const std::vector<GpuSpec>& kinds,
                               const std::vector<std::string>& levels, WorkloadCatalog& catalog) {
  for (const GpuSpec& gpu : kinds) {
    TrainingPlace& place = kinds_.emplace_back();
    place.gpu = gpu;
    place.law = catalog.training_law_of(gpu.name);
  }
  const std::vector<FabricLevel> spans = levels_of(levels);
  const NodeTemplate* before = nullptr;
  TrainingPlace* place = nullptr;
  for (std::int32_t node = 0; node < cluster.nodes(); ++node) {
    const NodeTemplate& type = cluster.type_of(node);
    if (std::exchange(before, &type) != &type) {
      place = nullptr;
      for (TrainingPlace& kind : kinds_)
        if (is_called(kind.gpu, type.spec.gpu)) place = &kind;
      if (type.spec.gpus.value == 0) place = nullptr;
      if (place) add_nodes(cluster, node, spans, *place);
    }
    if (place) place->gpus += type.spec.gpus.value;
  }
}

void TrainingPlaces::add_nodes(const ClusterTopology& cluster, std::int32_t node,
                               const std::vector<FabricLevel>& levels, TrainingPlace& place) {
  PlacedGpus all{node, {}};
  all.gpus.resize(static_cast<std::size_t>(cluster.type_of(node).spec.gpus.value));
  std::iota(all.gpus.begin(), all.gpus.end(), 0);
  const bool first = place.gpus == 0;
  const auto gpus = static_cast<std::int32_t>(all.gpus.size());
  keep_least(place.gpus_per_node, gpus, first);
  keep_least(place.nodes_per_island, cluster.fabric_of(node).nodes_per_nvlink_domain, first);
  keep_least(place.island_bandwidth, inside(cluster, all, place.gpu), first);
  place.network_bandwidth.resize(levels.size());
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const FabricLevel level = network_level(cluster, levels[i], node);
    keep_least(place.network_bandwidth[i], cluster.network_bandwidth(level, all) / gpus, first);
  }
}

TrainingGpus TrainingPlaces::gpus(const PlacementShape& shape, std::int32_t used,
                                  TrainingPrecision precision) const {
  const auto kind = static_cast<std::size_t>(shape.gpu_kind);
  PLIMSOLL_ASSERT(kind < kinds_.size(), "gpu_kind = {} of {}", shape.gpu_kind, kinds_.size());
  const TrainingPlace& place = kinds_[kind];
  TrainingGpus gpus;
  gpus.rate = place.rate(precision);
  gpus.bf16_rate = place.rate(TrainingPrecision::bf16);
  gpus.memory_bandwidth = place.gpu.memory_bandwidth.value;
  gpus.island_bandwidth = place.island_bandwidth;
  gpus.slowdown = shape.slowdown;
  const auto span = static_cast<std::size_t>(std::max(shape.span, 0));
  PLIMSOLL_ASSERT(span < place.network_bandwidth.size(), "span = {}", shape.span);
  gpus.network_bandwidth = place.network_bandwidth[span];
  gpus.nodes = nodes_of(shape, used);
  islands_of(shape, place.nodes_per_island, used).write(gpus);
  return gpus;
}

PlacementShape TrainingPlaces::packed(std::int32_t kind, std::int32_t gpus) const {
  PlacementShape shape;
  shape.gpu_kind = kind;
  const std::int32_t per_node = std::max(1, kinds_[static_cast<std::size_t>(kind)].gpus_per_node);
  for (; gpus > 0; gpus -= per_node) shape.gpus_per_node.push_back(std::min(gpus, per_node));
  if (shape.gpus_per_node.size() > 1) shape.span = 0;
  return shape;
}

}  // namespace plimsoll
