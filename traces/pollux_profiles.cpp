#include "traces/pollux_profiles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "traces/measurements/measurement_table.hpp"

namespace plimsoll {

namespace fs = std::filesystem;

namespace {

fs::path plain_or_zstd(const fs::path& folder, const char* name) {
  const fs::path plain = folder / name;
  return fs::exists(plain) ? plain : folder / (std::string(name) + ".zst");
}

/// "validation-96.csv" -> 96; 0 for files of other names.
std::int32_t batch_of(const std::string& name) {
  constexpr std::string_view kStem = "validation-";
  if (!name.starts_with(kStem)) return 0;
  std::int32_t batch = 0;
  const char* first = name.data() + kStem.size();
  const auto [end, error] = std::from_chars(first, name.data() + name.size(), batch);
  const std::string_view rest(end);
  const bool named = error == std::errc{} && (rest == ".csv" || rest == ".csv.zst");
  return named && batch > 0 ? batch : 0;
}

std::int32_t whole(const MeasurementTable& table, std::size_t column) {
  const double value = table.whole(column);
  if (value > 1e9) table.refuse(column, "is above 10^9");
  return static_cast<std::int32_t>(value);
}

StepTimes times_of(const MeasurementTable& table, std::size_t step, std::size_t sync) {
  const StepTimes times{table.positive(step), table.not_negative(sync)};
  if (times.sync_s >= times.step_s) table.refuse(sync, "is not below the step's time");
  return times;
}

ValidationRun read_validation(const fs::path& file, std::int32_t batch) {
  MeasurementTable table(file.string());
  const auto columns = table.columns({"progress", "iteration", "grad_sqr", "grad_var"});
  ValidationRun run{batch, {}};
  table.each_row([&] {
    EpochRow row{table.positive(columns[0]), table.positive(columns[1]),
                 table.not_negative(columns[2]), table.not_negative(columns[3])};
    if (!run.epochs.empty() && row.progress < run.epochs.back().progress)
      table.refuse(columns[0], "is below that of the epoch before");
    run.epochs.push_back(row);
  });
  if (run.epochs.empty()) throw ConfigError({file.string()}, "has no epoch below its header.");
  return run;
}

std::vector<std::int32_t> digits_of(const MeasurementTable& table, std::size_t column) {
  std::vector<std::int32_t> digits;
  for (const char c : table.text(column)) {
    if (c < '1' || c > '9') table.refuse(column, "is no list of GPUs per node, a digit each");
    digits.push_back(c - '0');
  }
  return digits;
}

std::vector<PlacementRow> read_placements(const fs::path& file) {
  MeasurementTable table(file.string());
  const auto columns = table.columns({"placement", "local_bsz", "step_time", "sync_time"});
  std::vector<PlacementRow> rows;
  table.each_row([&] {
    rows.push_back({digits_of(table, columns[0]), whole(table, columns[1]),
                    times_of(table, columns[2], columns[3])});
  });
  return rows;
}

std::vector<ScalabilityRow> read_scalability(const fs::path& file) {
  MeasurementTable table(file.string());
  const auto columns =
      table.columns({"num_nodes", "num_replicas", "local_bsz", "step_time", "sync_time"});
  std::vector<ScalabilityRow> rows;
  table.each_row([&] {
    rows.push_back({whole(table, columns[0]), whole(table, columns[1]), whole(table, columns[2]),
                    times_of(table, columns[3], columns[4])});
  });
  return rows;
}

}  // namespace

ApplicationProfile read_application_profile(const fs::path& folder) {
  ApplicationProfile profile;
  profile.name = folder.filename().string();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::int32_t batch = batch_of(entry.path().filename().string());
    if (batch > 0) profile.validation.push_back(read_validation(entry.path(), batch));
  }
  if (error) throw ConfigError({folder.string()}, "cannot be read: " + error.message());
  if (profile.validation.empty())
    throw ConfigError({folder.string()}, "has no file validation-<batch>.csv.");
  std::sort(profile.validation.begin(), profile.validation.end(),
            [](const ValidationRun& a, const ValidationRun& b) { return a.batch < b.batch; });
  profile.placements = read_placements(plain_or_zstd(folder, "placements.csv"));
  profile.scalability = read_scalability(plain_or_zstd(folder, "scalability.csv"));
  return profile;
}

std::vector<TrainingJobRow> read_training_workload(const fs::path& file) {
  MeasurementTable table(file.string());
  const auto columns = table.columns({"name", "time", "application", "num_replicas", "batch_size"});
  std::vector<TrainingJobRow> rows;
  table.each_row([&] {
    TrainingJobRow row;
    row.name = table.text(columns[0]);
    row.submitted_s = table.not_negative(columns[1]);
    row.application = table.text(columns[2]);
    row.replicas = whole(table, columns[3]);
    row.batch = whole(table, columns[4]);
    if (row.name.empty()) table.refuse(columns[0], "is empty");
    if (row.application.empty()) table.refuse(columns[2], "is empty");
    rows.push_back(std::move(row));
  });
  if (rows.empty()) throw ConfigError({file.string()}, "has no job below its header.");
  return rows;
}

}  // namespace plimsoll
