#include "traces/gavel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <string_view>

#include "traces/measurements/json_place.hpp"
#include "traces/text_lines.hpp"
#include "workloads/jobs/throughput_job.hpp"

namespace plimsoll {

namespace {

/// "('ResNet-18 (batch size 16)', 4)"
std::optional<GavelJobKind> kind_of(std::string_view key) {
  constexpr std::string_view kOpen = "('", kBetween = "', ";
  const std::size_t between = key.rfind(kBetween);
  if (!key.starts_with(kOpen) || !key.ends_with(')') || between == std::string_view::npos)
    return std::nullopt;
  GavelJobKind kind{std::string(key.substr(kOpen.size(), between - kOpen.size())), 0};
  const std::string_view gpus = key.substr(between + kBetween.size());
  const auto [end, error] = std::from_chars(gpus.data(), gpus.data() + gpus.size(), kind.gpus);
  if (error != std::errc{} || *end != ')' || kind.gpus < 1) return std::nullopt;
  return kind;
}

constexpr std::size_t kFields = 7;
std::array<std::string_view, kFields> split(std::string_view line, const TextLines& lines) {
  std::array<std::string_view, kFields> fields;
  std::size_t count = 0, begin = 0;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && line[i] != '\t') continue;
    if (count < kFields) fields[count] = line.substr(begin, i - begin);
    begin = i + 1;
    ++count;
  }
  if (count != kFields)
    throw ConfigError(lines.at(1),
                      fmt::format("{} fields between tabs; a job has {}: type, command, "
                                  "name of the argument for steps, needs data, steps, "
                                  "arrival, GPUs.",
                                  count, kFields));
  return fields;
}

double number(std::string_view line, std::string_view field, const char* what, double least,
              const TextLines& lines) {
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  const bool good = error == std::errc{} && end == field.data() + field.size() &&
                    std::isfinite(value) && value >= least && value <= 1e15;
  if (!good)
    throw ConfigError(lines.at(static_cast<std::size_t>(field.data() - line.data()) + 1),
                      fmt::format("{} = \"{}\" is no number from {:g}.", what, field, least));
  return value;
}

}  // namespace

GavelThroughputs read_gavel_throughputs(const std::filesystem::path& file) {
  const nlohmann::json document = parse_json(read_text(file.string()), file.string());
  const JsonPlace root(document, file.string());
  GavelThroughputs all;
  if (!document.is_object()) root.refuse("is no object of kinds of GPUs");
  for (const auto& [name, of_kind] : document.items())
    if (!name.ends_with("_unconsolidated")) all.kinds.push_back(name);
  std::sort(all.kinds.begin(), all.kinds.end());
  for (std::size_t k = 0; k < all.kinds.size(); ++k) {
    const JsonPlace place = root.at(all.kinds[k].c_str());
    if (!place.value().is_object()) place.refuse("is no object of job types");
    for (const auto& [key, speeds] : place.value().items()) {
      const auto kind = kind_of(key);
      if (!kind) place.refuse(fmt::format("\"{}\" is no ('type', GPUs)", key));
      std::vector<double>& rates = all.steps_per_s[*kind];
      rates.resize(all.kinds.size(), 0);
      rates[k] = place.at(key.c_str()).at("null").number(0);
    }
  }
  if (all.steps_per_s.empty()) root.refuse("has no throughput");
  return all;
}

std::vector<GavelJobRow> read_gavel_trace(const std::filesystem::path& file) {
  TextLines lines(file.string());
  std::vector<GavelJobRow> rows;
  for (std::string_view line; lines.next(line);) {
    const auto fields = split(line, lines);
    GavelJobRow row;
    row.kind.type = fields[0];
    row.steps = number(line, fields[4], "steps", 1, lines);
    row.submitted_s = number(line, fields[5], "arrival", 0, lines);
    const double gpus = number(line, fields[6], "GPUs", 1, lines);
    if (gpus != std::floor(gpus) || gpus > 1e6)
      throw ConfigError(lines.at(1), fmt::format("{} GPUs is no whole number to 10^6.", gpus));
    row.kind.gpus = static_cast<std::int32_t>(gpus);
    rows.push_back(std::move(row));
  }
  if (rows.empty()) throw ConfigError({file.string()}, "has no job.");
  return rows;
}

std::vector<JobSpec> gavel_jobs(const std::vector<GavelJobRow>& rows,
                                const GavelThroughputs& throughputs,
                                const std::filesystem::path& file) {
  std::map<GavelJobKind, std::shared_ptr<const JobSpeed>> speeds;
  std::vector<JobSpec> jobs;
  for (const GavelJobRow& row : rows) {
    const auto rates = throughputs.steps_per_s.find(row.kind);
    if (rates == throughputs.steps_per_s.end())
      throw ConfigError({file.string()},
                        fmt::format("job {}: there is no throughput of {} on {} GPUs.",
                                    jobs.size() + 1, row.kind.type, row.kind.gpus));
    auto& speed = speeds[row.kind];
    if (!speed) speed = std::make_shared<const JobSpeed>(JobSpeed{{}, rates->second, std::nullopt});
    JobSpec job;
    job.name = fmt::format("job-{:05}", jobs.size());
    job.submitted_at = SimTime{from_seconds(row.submitted_s)};
    job.gang = {SubGang{row.kind.gpus, {}}};
    job.gang.front().each.gpus = 1;
    job.model = std::make_shared<const ThroughputJob>(row.steps, speed);
    jobs.push_back(std::move(job));
  }
  return jobs;
}

}  // namespace plimsoll
