// Models, engines, calibrations and training laws by name, from the catalogue's files.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hardware/catalog_folder.hpp"
#include "workloads/acceptance_lengths.hpp"
#include "workloads/engine_profile.hpp"
#include "workloads/model_spec.hpp"
#include "workloads/step_time/calibration.hpp"
#include "workloads/step_time/training_law.hpp"

namespace plimsoll {

/// Files are read when they are asked for, and once. Each lookup throws ConfigError: at `asked` for an unknown name,
/// with the nearest one; at the file's lines for what is wrong in the file.
class WorkloadCatalog {
 public:
  /// `roots` as catalog_roots gives them.
  explicit WorkloadCatalog(const std::vector<std::filesystem::path>& roots);

  /// What these refer to lives as long as the catalogue.
  const ModelSpec& model(std::string_view name, const Position& asked);
  const EngineProfile& engine(std::string_view name, const Position& asked);
  /// A calibration has the name of its GPU.
  const Calibration& calibration(std::string_view gpu, const Position& asked);

  /// Of speculative decoding with the model.
  AcceptanceLengths acceptance(std::string_view model, const Position& asked);

  /// A file of workloads/catalog/training.
  TrainingLaw training_law(std::string_view name, const Position& asked);
  /// Of the file that lists the GPU; nothing where none does. Throws the faults of every such file.
  std::optional<TrainingLaw> training_law_of(std::string_view gpu);

  const CatalogFolder& models() const { return models_; }
  const CatalogFolder& engines() const { return engines_; }
  const CatalogFolder& calibrations() const { return calibrations_; }
  const CatalogFolder& acceptances() const { return acceptances_; }
  const CatalogFolder& training_laws() const { return training_laws_; }

  /// Every file that a lookup has used, once each.
  const std::vector<CatalogEntry>& used() const { return used_.entries(); }

 private:
  CatalogFolder models_;
  CatalogFolder engines_;
  CatalogFolder calibrations_;
  CatalogFolder acceptances_;
  CatalogFolder training_laws_;
  UsedEntries used_;
  std::map<std::string, ModelSpec, std::less<>> read_models_;  ///< by the name asked for
  std::map<std::string, EngineProfile, std::less<>> read_engines_;
  std::map<std::string, Calibration, std::less<>> read_calibrations_;
};

}  // namespace plimsoll
