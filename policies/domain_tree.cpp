#include "policies/domain_tree.hpp"

#include <algorithm>

#include "policies/node_share.hpp"

namespace plimsoll {

std::uint32_t DomainTree::domain_of(std::size_t level, std::uint32_t row) const {
  return level + 1 == domains_.size() ? 0 : facts_[row].domain[level];
}

void DomainTree::build(const ClusterView& view) {
  facts_ = view.facts().nodes;
  nodes_ = view.nodes().rows();
  domains_.assign(view.facts().levels.size() + 1, {});
  for (std::uint32_t row = 0; row < nodes_.size(); ++row) {
    for (std::size_t level = 0; level < domains_.size(); ++level) {
      const std::uint32_t domain = domain_of(level, row);
      if (domains_[level].size() <= domain) domains_[level].resize(domain + 1);
      auto& children = domains_[level][domain].children;
      const std::uint32_t child = level == 0 ? row : domain_of(level - 1, row);
      const auto at = std::lower_bound(children.begin(), children.end(), child);
      if (at == children.end() || *at != child) children.insert(at, child);
    }
    count(row, 1);
  }
  index();
}

void DomainTree::index() {
  by_idle_.assign(domains_.size(), {});
  for (std::size_t level = 0; level < domains_.size(); ++level) {
    for (std::uint32_t domain = 0; domain < domains(level); ++domain)
      by_idle_[level].emplace(domains_[level][domain].idle, domain);
  }
}

void DomainTree::follow(const ClusterView& view) {
  const ViewTable<NodeRow>& nodes = view.nodes();
  const bool kept_up =
      nodes_.size() == nodes.size() &&
      nodes.changes_since(version_, [&](std::uint32_t row) { set(row, nodes.row(row)); });
  if (!kept_up) build(view);
  version_ = nodes.version();
}

void DomainTree::count(std::uint32_t row, std::int32_t by) {
  const NodeRow& node = nodes_[row];
  if (!node.schedulable) return;
  const std::int32_t idle = plimsoll::idle_gpus({facts_[row], node});
  for (std::size_t level = 0; level < domains_.size(); ++level) {
    Domain& domain = domains_[level][domain_of(level, row)];
    domain.nodes_with[static_cast<std::size_t>(idle)] += by;
    domain.idle += std::int64_t{by} * idle;
  }
}

void DomainTree::set(std::uint32_t row, const NodeRow& value) {
  const auto idle_of = [&](std::size_t level) {
    return domains_[level][domain_of(level, row)].idle;
  };
  std::array<std::int64_t, kMaxTopologyLevels + 1> before{};
  for (std::size_t level = 0; level < domains_.size(); ++level) before[level] = idle_of(level);
  count(row, -1);
  nodes_[row] = value;
  count(row, 1);
  for (std::size_t level = 0; level < domains_.size(); ++level) {
    if (idle_of(level) == before[level]) continue;
    auto entry = by_idle_[level].extract({before[level], domain_of(level, row)});
    entry.value().first = idle_of(level);
    by_idle_[level].insert(std::move(entry));
  }
}

std::int64_t DomainTree::room(std::size_t level, std::uint32_t domain, std::int32_t gpus) const {
  const auto& nodes_with = domains_[level][domain].nodes_with;
  std::int64_t workers = 0;
  for (std::int32_t idle = gpus; idle <= kMaxGpusPerNode; ++idle) {
    workers += std::int64_t{nodes_with[static_cast<std::size_t>(idle)]} * (idle / gpus);
  }
  return workers;
}

std::int64_t DomainTree::idle_gpus(std::size_t level, std::uint32_t domain) const {
  return domains_[level][domain].idle;
}

void DomainTree::take_on_trial(std::uint32_t row, const NodeShare& share) {
  NodeRow after = nodes_[row];
  take(after, share);
  set(row, after);
  tried_.push_back(row);
}

void DomainTree::take_back_trials(const ClusterView& view) {
  for (const std::uint32_t row : tried_) set(row, view.nodes().row(row));
  tried_.clear();
}

}  // namespace plimsoll
