#include "workloads/step_time/training_law.hpp"

#include <utility>

namespace plimsoll {

TrainingLaw read_training_law(const CatalogEntry& entry) {
  std::vector<Fault> faults;
  TrainingLaw law = read_config<TrainingLaw>(entry.root, faults, entry.name);
  if (!faults.empty()) throw ConfigError(std::move(faults));
  law.name = entry.name;
  return law;
}

}  // namespace plimsoll
