#include "policies/worker_classes.hpp"

#include <algorithm>
#include <tuple>

namespace plimsoll {

namespace {

/// Entries of places that a rule keeps, at most, over all classes: about 100 bytes each.
constexpr std::size_t kMostEntries = std::size_t{1} << 21;

auto order(const ResourceRequest& worker) {
  return std::tuple(worker.cpu_milli, worker.memory, worker.gpus, worker.gpu_milli,
                    worker.gpu_kinds, worker.mig_profile);
}

}  // namespace

WorkerPlaces& WorkerClasses::places(const ResourceRequest& worker, const ClusterFacts& facts) {
  const auto find = [&] {
    return std::ranges::lower_bound(places_, order(worker), {}, [](const Known& known) {
      return order(known.places.worker());
    });
  };
  auto found = find();
  if (found == places_.end() || found->places.worker() != worker) {
    const std::size_t most = std::max<std::size_t>(16, kMostEntries / (facts.nodes.size() + 1));
    if (places_.size() >= most) {
      places_.erase(std::ranges::min_element(places_, {}, &Known::last_use));
      found = find();
    }
    found = places_.insert(found, {WorkerPlaces(worker, facts), 0});
  }
  found->last_use = ++uses_;
  return found->places;
}

}  // namespace plimsoll
