#include "workloads/acceptance_lengths.hpp"

#include <fmt/format.h>

namespace plimsoll {
namespace {

void check_lengths(const std::vector<double>& lengths, const std::string& key,
                   const CatalogEntry& entry, std::vector<Fault>& faults) {
  const std::string path = key + ".value";
  if (lengths.empty()) faults.push_back({position_of(entry.root, path), path + " is empty."});
  for (std::size_t i = 0; i < lengths.size(); ++i)
    if (lengths[i] > static_cast<double>(i + 2))
      faults.push_back({position_of(entry.root, fmt::format("{}[{}]", path, i)),
                        fmt::format("{}[{}] = {:g} is above the {} tokens that a step with {} "
                                    "drafted ones can yield.",
                                    path, i, lengths[i], i + 2, i + 1)});
}

}  // namespace

AcceptanceLengths read_acceptance_lengths(const CatalogEntry& entry) {
  std::vector<Fault> faults;
  auto lengths = read_config<AcceptanceLengths>(entry.root, faults);
  if (faults.empty()) {
    check_lengths(lengths.with_thinking.value, "with_thinking", entry, faults);
    if (lengths.without_thinking)
      check_lengths(lengths.without_thinking->value, "without_thinking", entry, faults);
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return lengths;
}

}  // namespace plimsoll
