#include "sim/jobs/gang_limits.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "policies/node_fit.hpp"

namespace plimsoll {

namespace {

/// What is wrong with the values of a job, whatever the cluster; empty: nothing.
std::string wrong_values(const JobSpec& spec) {
  if (spec.submitted_at < SimTime{}) return "it is submitted before time 0";
  if (spec.gang.empty()) return "its gang has no workers";
  for (const SubGang& part : spec.gang) {
    const ResourceRequest& each = part.each;
    if (part.workers < 1) return fmt::format("a part of its gang has {} workers", part.workers);
    if (each.gpus < 0 || each.cpu_milli < 0 || each.memory.count() < 0)
      return "a worker asks for less than nothing";
    const bool shared = each.gpu_milli < kWholeGpu;
    if (each.mig_profile >= 0 && each.gpus != 1)
      return fmt::format("a worker asks for MIG partitions of {} GPUs; it can have one", each.gpus);
    if (each.gpu_milli < 1 || each.gpu_milli > kWholeGpu || (shared && each.gpus != 1))
      return fmt::format("a worker asks for {} GPUs of {} thousandths", each.gpus, each.gpu_milli);
  }
  const bool elastic = spec.min_workers != spec.max_workers;
  if (elastic &&
      (spec.gang.size() != 1 || spec.min_workers < 1 || spec.min_workers > spec.max_workers)) {
    return fmt::format("it is elastic with {} parts and {} to {} workers", spec.gang.size(),
                       spec.min_workers, spec.max_workers);
  }
  if (!spec.model) return "nothing says how long it runs";
  if (spec.restart_cost < Duration{} || spec.eviction_cost < Duration{} ||
      (spec.checkpoint_interval && *spec.checkpoint_interval <= Duration{})) {
    return "its restart cost, eviction cost or checkpoint interval is negative";
  }
  return {};
}

/// "2 workers of 8 GPUs, 96 CPUs and 512 GiB each"
std::string text_of(std::int64_t workers, const ResourceRequest& each) {
  std::vector<std::string> parts;
  if (each.gpu_milli < kWholeGpu && each.gpus > 0) {
    parts.push_back(fmt::format("{:g} GPUs", static_cast<double>(each.gpu_milli) / kWholeGpu));
  } else if (each.gpus > 0) {
    parts.push_back(fmt::format("{} GPU{}", each.gpus, each.gpus == 1 ? "" : "s"));
  }
  if (each.cpu_milli > 0)
    parts.push_back(fmt::format("{:g} CPUs", static_cast<double>(each.cpu_milli) / 1000));
  if (each.memory > Bytes{0}) {
    const double gib = static_cast<double>(each.memory.count()) / static_cast<double>(1 << 30);
    parts.push_back(fmt::format("{:.4g} GiB", gib));
  }
  const std::string last = parts.size() > 1 ? parts.back() : "";
  if (!last.empty()) parts.pop_back();
  return fmt::format("{} worker{} of {}{}{}{}", workers, workers == 1 ? "" : "s",
                     fmt::join(parts, ", "), last.empty() ? "" : " and ", last,
                     workers == 1 ? "" : " each");
}

std::vector<std::int64_t> key_of(const JobSpec& spec, std::int64_t level) {
  std::vector<std::int64_t> key{level, spec.min_workers, spec.max_workers};
  for (const SubGang& part : spec.gang) {
    key.insert(key.end(), {part.workers, part.each.cpu_milli, part.each.memory.count(),
                           part.each.gpus, part.each.gpu_milli,
                           static_cast<std::int64_t>(part.each.gpu_kinds), part.each.mig_profile});
  }
  return key;
}

}  // namespace

GangVerdict GangLimits::judge(const JobSpec& spec) {
  if (std::string why = wrong_values(spec); !why.empty()) {
    return {Reason::never_fits, std::move(why)};
  }
  std::int64_t level = -1;
  if (spec.required_topology) {
    const auto& levels = facts_->levels;
    const auto found = std::find(levels.begin(), levels.end(), *spec.required_topology);
    if (found == levels.end()) {
      return {Reason::topology,
              fmt::format("it requires the unknown topology level \"{}\"; known: {}",
                          *spec.required_topology, fmt::join(levels, ", "))};
    }
    level = found - levels.begin();
  }
  const auto [entry, is_new] = known_.try_emplace(key_of(spec, level));
  if (is_new) {
    entry->second =
        room_for(spec, level < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(level)));
  }
  return entry->second;
}

GangVerdict GangLimits::room_for(const JobSpec& spec, std::optional<std::size_t> level) const {
  std::vector<bool> possible;  // by domain: whether each part alone would fit there
  for (const SubGang& part : spec.gang) {
    const bool elastic = spec.min_workers != spec.max_workers;
    const std::int64_t workers = elastic ? spec.min_workers : part.workers;
    std::vector<std::int64_t> room;
    std::int64_t in_all = 0;
    bool kind_exists = part.each.gpus == 0;
    for (const NodeFacts& node : facts_->nodes) {
      const std::size_t domain = level ? node.domain[*level] : 0;
      if (room.size() <= domain) room.resize(domain + 1);
      const std::int64_t workers_there = workers_when_idle(node, part.each);
      room[domain] += workers_there;
      in_all += workers_there;
      kind_exists =
          kind_exists || (node.gpu_kind >= 0 && ((part.each.gpu_kinds >> node.gpu_kind) & 1) != 0);
    }
    if (!kind_exists) return {Reason::gpu_kind, "no node has GPUs of a kind that it accepts"};
    if (in_all < workers) {
      return {Reason::never_fits, fmt::format("it asks for {}; the empty cluster holds {}",
                                              text_of(workers, part.each), in_all)};
    }
    possible.resize(room.size(), true);  // every part sees the same nodes, hence the same domains
    for (std::size_t domain = 0; domain < room.size(); ++domain) {
      possible[domain] = possible[domain] && room[domain] >= workers;
    }
  }
  if (std::find(possible.begin(), possible.end(), true) != possible.end()) return {};
  return {Reason::topology,
          fmt::format("no domain of the level \"{}\" holds its gang", *spec.required_topology)};
}

}  // namespace plimsoll
