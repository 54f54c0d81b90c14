// How a fit names what it rests on.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "workloads/calibration/law_fits.hpp"

namespace plimsoll {

std::string source_text(const Measurements& from, const std::vector<std::int32_t>& sets) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> files;
  for (const std::int32_t index : sets) {
    const MeasurementSet& set = from.sets[static_cast<std::size_t>(index)];
    std::string kernel = set.backend;
    if (!set.kernel.empty()) kernel += (kernel.empty() ? "" : " ") + set.kernel;
    files[{set.origin, set.file}].insert(kernel);
  }
  std::string text;
  for (const auto& [place, kernels] : files) {
    if (!text.empty()) text += "; ";
    if (!place.first.empty()) text += place.first + ": ";
    text += place.second;
    if (!(kernels.size() == 1 && kernels.begin()->empty()))
      text += fmt::format(" ({})", fmt::join(kernels, ", "));
  }
  return text;
}

}  // namespace plimsoll
