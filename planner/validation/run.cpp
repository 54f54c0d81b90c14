#include "planner/validation/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/config/suggest.hpp"
#include "core/error.hpp"

namespace plimsoll {
namespace {

bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

void check_names(const std::vector<std::string>& only) {
  std::vector<std::string> known;
  for (const ValidationSet& set : validation_sets()) known.emplace_back(set.name);
  for (const std::string& name : only)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw ConfigError(Position{}, unknown_name("validation set", name, known));
}

}  // namespace

ValidationRun run_validation(const std::filesystem::path& data,
                             const std::vector<std::string>& only,
                             const std::vector<Expectation>& expectations,
                             ValidationContext& context) {
  const Position at{data.string(), 0, 0};
  if (!is_folder(data)) throw ConfigError(at, "there is no such folder.");
  check_names(only);
  ValidationRun run;
  for (const ValidationSet& set : validation_sets()) {
    if (!only.empty() && std::find(only.begin(), only.end(), set.name) == only.end()) continue;
    if (!is_folder(data / set.folder)) {
      if (!only.empty())
        throw ConfigError(at, fmt::format("{} needs the folder {} in it.", set.name, set.folder));
      run.absent.emplace_back(set.name);
      continue;
    }
    run.sets.emplace_back(set.name);
    std::vector<Prediction> predictions = set.run(data, context);
    for (const Prediction& prediction : predictions) check(prediction);
    std::move(predictions.begin(), predictions.end(), std::back_inserter(run.predictions));
  }
  if (run.sets.empty()) throw ConfigError(at, "it holds none of the validation sets' folders.");
  run.notes = context.notes;
  run.verdicts = judge(run.predictions, expectations);
  return run;
}

}  // namespace plimsoll
