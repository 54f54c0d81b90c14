#include "workloads/workload_catalog.hpp"

#include <algorithm>

namespace plimsoll {
namespace {

/// What has been read under that name, or what `read` gives.
template <class Entry, class Read>
const Entry& once(std::map<std::string, Entry, std::less<>>& entries, std::string_view name,
                  const Read& read) {
  const auto found = entries.find(name);
  if (found != entries.end()) return found->second;
  return entries.emplace(name, read()).first->second;
}

}  // namespace

WorkloadCatalog::WorkloadCatalog(const std::vector<std::filesystem::path>& roots)
    : models_("models", "model", roots),
      engines_("engines", "engine profile", roots),
      calibrations_("calibrations", "calibration", roots),
      acceptances_("acceptance", "model with measured acceptance lengths", roots),
      training_laws_("training", "training law", roots) {}

const ModelSpec& WorkloadCatalog::model(std::string_view name, const Position& asked) {
  return once(read_models_, name, [&] { return read_model(used_.find(models_, name, asked)); });
}

const EngineProfile& WorkloadCatalog::engine(std::string_view name, const Position& asked) {
  return once(read_engines_, name, [&] { return read_engine(used_.find(engines_, name, asked)); });
}

const Calibration& WorkloadCatalog::calibration(std::string_view gpu, const Position& asked) {
  return once(read_calibrations_, gpu,
              [&] { return read_calibration(used_.find(calibrations_, gpu, asked)); });
}

AcceptanceLengths WorkloadCatalog::acceptance(std::string_view model, const Position& asked) {
  return read_acceptance_lengths(used_.find(acceptances_, model, asked));
}

TrainingLaw WorkloadCatalog::training_law(std::string_view name, const Position& asked) {
  return read_training_law(used_.find(training_laws_, name, asked));
}

std::optional<TrainingLaw> WorkloadCatalog::training_law_of(std::string_view gpu) {
  for (const std::string& name : training_laws_.names()) {
    const TrainingLaw law = read_training_law(training_laws_.find(name, {}));
    if (std::find(law.gpus.begin(), law.gpus.end(), gpu) != law.gpus.end())
      return training_law(name, {});
  }
  return std::nullopt;
}

}  // namespace plimsoll
