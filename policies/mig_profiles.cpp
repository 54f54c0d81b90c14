#include "policies/mig_profiles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "core/config/suggest.hpp"
#include "core/error.hpp"

namespace plimsoll {

namespace {

constexpr std::int32_t kMostMemorySlices = 8;
constexpr std::int32_t kMostComputeSlices = 31;  // so many thousandths tell how many are taken

void check(const MigSpec& spec) {
  std::vector<Fault> faults;
  const auto fault = [&](std::string message) {
    faults.emplace_back().message = std::move(message);
  };
  if (spec.memory_slices > kMostMemorySlices || spec.compute_slices > kMostComputeSlices) {
    fault(fmt::format("MIG: {} memory and {} compute slices; at most {} and {} can be scheduled.",
                      spec.memory_slices, spec.compute_slices, kMostMemorySlices,
                      kMostComputeSlices));
  }
  for (const MigProfile& profile : spec.profiles) {
    bool inside = profile.compute <= spec.compute_slices;
    for (const std::int32_t start : profile.starts) {
      inside = inside && start >= 0 && start + profile.memory <= spec.memory_slices;
    }
    if (!inside) {
      fault(fmt::format("MIG profile {} does not fit into {} memory and {} compute slices.",
                        profile.name, spec.memory_slices, spec.compute_slices));
    }
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
}

std::int32_t milli_of(const MigProfile& profile, const MigSpec& spec) {
  return kWholeGpu * profile.compute / spec.compute_slices;
}

MigFit fit_of(const MigProfile& profile, const MigSpec& spec) {
  unsigned starts = 0;
  for (const std::int32_t start : profile.starts) starts |= 1U << start;
  return {milli_of(profile, spec), static_cast<std::uint8_t>((1U << profile.memory) - 1),
          static_cast<std::uint8_t>(starts)};
}

/// The profile's number in the cluster's list, to which it is added if it is new.
std::size_t number_of(ClusterFacts& facts, const MigProfile& profile, const MigSpec& spec) {
  const MigProfileName name{profile.name, milli_of(profile, spec)};
  const auto known = std::ranges::find(facts.mig_profiles, name);
  const auto number = static_cast<std::size_t>(known - facts.mig_profiles.begin());
  if (known == facts.mig_profiles.end()) facts.mig_profiles.push_back(name);
  if (facts.mig_profiles.size() <= 127) return number;
  throw ConfigError(Position{}, "more than 127 kinds of MIG partitions in one cluster.");
}

/// GPUs on which there are such partitions.
GpuKinds kinds_with(const ClusterFacts& facts, std::size_t profile) {
  GpuKinds kinds = 0;
  for (const NodeFacts& node : facts.nodes) {
    const bool has = node.mig && profile < node.mig->size() && (*node.mig)[profile].gpu_milli > 0;
    if (has && node.gpu_kind >= 0) kinds |= GpuKinds{1} << node.gpu_kind;
  }
  return kinds;
}

}  // namespace

void share_by_mig(ClusterFacts& facts, std::span<const MigSpec* const> by_node) {
  std::map<const MigSpec*, std::shared_ptr<const MigFits>>
      known;  // only looked up, never gone through
  for (std::size_t node = 0; node < by_node.size(); ++node) {
    const MigSpec* spec = by_node[node];
    if (spec == nullptr) continue;
    std::shared_ptr<const MigFits>& fits = known[spec];
    if (!fits) {
      check(*spec);
      auto made = std::make_shared<MigFits>();
      for (const MigProfile& profile : spec->profiles) {
        const std::size_t number = number_of(facts, profile, *spec);
        made->resize(std::max(made->size(), number + 1));
        (*made)[number] = fit_of(profile, *spec);
      }
      fits = std::move(made);
    }
    facts.nodes[node].mig = fits;
  }
}

ResourceRequest mig_worker(const ClusterFacts& facts, std::string_view profile, GpuKinds kinds) {
  ResourceRequest worker;
  worker.gpus = 1;
  std::vector<std::string> names;
  for (std::size_t number = 0; number < facts.mig_profiles.size(); ++number) {
    const MigProfileName& known = facts.mig_profiles[number];
    const GpuKinds on = kinds_with(facts, number) & kinds;
    if (on == 0) continue;
    names.push_back(known.name);
    if (known.name != profile) continue;
    if (worker.mig_profile >= 0) {
      throw ConfigError(Position{}, fmt::format("MIG profile {} is {} thousandths of some GPUs and "
                                                "{} of others; name the kind of GPU, too.",
                                                profile, worker.gpu_milli, known.gpu_milli));
    }
    worker.mig_profile = static_cast<std::int8_t>(number);
    worker.gpu_milli = known.gpu_milli;
    worker.gpu_kinds = on;
  }
  if (worker.mig_profile >= 0) return worker;
  std::ranges::sort(names);
  throw ConfigError(Position{}, unknown_name("MIG profile", profile, names));
}

}  // namespace plimsoll
