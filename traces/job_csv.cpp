#include "traces/job_csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "core/config/suggest.hpp"
#include "traces/measurements/measurement_table.hpp"
#include "traces/text_sink.hpp"

namespace plimsoll {
namespace {

constexpr double kMostSeconds = 1e9;  // 31 years: more is a wrong unit
constexpr double kMostGpus = 1e6;
constexpr double kMostMilliOrMib = 1e12;
constexpr std::int64_t kMiB = std::int64_t{1} << 20;

const std::vector<std::string> kNeeded{"name", "submit_s", "gpus", "duration_s"};
const std::vector<std::string> kOptional{"queue",     "user",      "priority",
                                         "gpu_milli", "cpu_milli", "memory_mib"};

class CsvJobs {
 public:
  explicit CsvJobs(const std::string& path)
      : table_(path), needed_(table_.columns({kNeeded.begin(), kNeeded.end()})) {
    for (const std::string& name : kOptional)
      optional_.push_back(table_.has(name) ? std::optional(table_.column(name)) : std::nullopt);
    refuse_other_columns();
  }

  std::vector<RecordedJob> read() {
    std::vector<RecordedJob> jobs;
    table_.each_row([&] { jobs.push_back(row()); });
    if (jobs.empty())
      throw ConfigError({table_.path()}, "has a header but no row; a trace needs a job.");
    return jobs;
  }

 private:
  void refuse_other_columns() const {
    std::vector<std::string> known = kNeeded;
    known.insert(known.end(), kOptional.begin(), kOptional.end());
    std::set<std::string_view> seen;
    std::vector<Fault> faults;
    for (const std::string_view name : table_.names()) {
      const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
      if (is_known && seen.insert(name).second) continue;
      Fault& fault = faults.emplace_back();
      const auto offset = name.data() - table_.names().front().data();
      fault.at = Position{table_.path(), 1, static_cast<int>(offset) + 1};
      fault.message = is_known ? fmt::format("column \"{}\" comes twice.", name)
                               : unknown_name("column", name, known);
    }
    if (!faults.empty()) throw ConfigError(std::move(faults));
  }

  RecordedJob row() {
    RecordedJob job;
    job.name = table_.text(needed_[0]);
    if (job.name.empty()) table_.refuse(needed_[0], "is empty");
    if (!names_.insert(job.name).second) table_.refuse(needed_[0], "is the name of an earlier row");
    job.submitted_at = SimTime{seconds(needed_[1])};
    job.gpus = static_cast<std::int32_t>(whole(needed_[2], 0, kMostGpus, "10^6 GPUs"));
    job.running_time = seconds(needed_[3]);
    if (optional_[0]) job.queue = table_.text(*optional_[0]);
    if (optional_[1]) job.user = table_.text(*optional_[1]);
    read_request(job);
    return job;
  }

  void read_request(RecordedJob& job) const {
    if (optional_[2]) {
      constexpr double kMost = 1e9;
      job.priority = static_cast<std::int32_t>(whole(*optional_[2], -kMost, kMost, "10^9"));
    }
    if (optional_[3]) {
      const double milli = whole(*optional_[3], 0, kWholeGpu, "1000, a whole GPU");
      if (job.gpus == 1 && milli < 1) table_.refuse(*optional_[3], "is no share of a GPU");
      if (job.gpus > 1 && milli != kWholeGpu)
        table_.refuse(*optional_[3], "must be 1000 for a job with several GPUs");
      if (job.gpus > 0) job.gpu_milli = static_cast<std::int32_t>(milli);
    }
    const auto amount = [&](std::size_t i) {
      return optional_[i] ? static_cast<std::int64_t>(
                                whole(*optional_[i], 0, kMostMilliOrMib, "any cluster has"))
                          : 0;
    };
    job.cpu_milli = amount(4);
    job.memory = Bytes{amount(5) * kMiB};
  }

  Duration seconds(std::size_t column) const {
    const double value = table_.not_negative(column);
    if (value > kMostSeconds) table_.refuse(column, "is more than 1e9 seconds");
    return from_seconds(value);
  }
  double whole(std::size_t column, double least, double most, const char* what) const {
    const double value = table_.whole(column, least);
    if (value > most) table_.refuse(column, fmt::format("is more than {}", what));
    return value;
  }

  MeasurementTable table_;
  std::vector<std::size_t> needed_;
  std::vector<std::optional<std::size_t>> optional_;  ///< in the order of kOptional
  std::set<std::string> names_;
};

/// Decimal seconds without zeros at the end: "12.5".
std::string seconds_text(std::int64_t ns) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::string text = fmt::format("{}.{:09}", ns / kSecond, ns % kSecond);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

/// An optional column: its name, whether a job needs it, and what it says of one.
struct OptionalColumn {
  const char* name;
  bool (*needed)(const RecordedJob& job);
  std::string (*text)(const RecordedJob& job);
};

constexpr std::array<OptionalColumn, 6> kOptionalColumns{{
    {"queue", [](const RecordedJob& job) { return !job.queue.empty(); },
     [](const RecordedJob& job) { return job.queue; }},
    {"user", [](const RecordedJob& job) { return !job.user.empty(); },
     [](const RecordedJob& job) { return job.user; }},
    {"priority", [](const RecordedJob& job) { return job.priority != 0; },
     [](const RecordedJob& job) { return std::to_string(job.priority); }},
    {"gpu_milli", [](const RecordedJob& job) { return job.gpu_milli != kWholeGpu; },
     [](const RecordedJob& job) { return std::to_string(job.gpu_milli); }},
    {"cpu_milli", [](const RecordedJob& job) { return job.cpu_milli != 0; },
     [](const RecordedJob& job) { return std::to_string(job.cpu_milli); }},
    {"memory_mib", [](const RecordedJob& job) { return job.memory.count() != 0; },
     [](const RecordedJob& job) { return std::to_string((job.memory.count() + kMiB - 1) / kMiB); }},
}};

}  // namespace

void write_csv_jobs(const std::vector<RecordedJob>& jobs, const std::string& path) {
  TextSink sink(path);
  std::string text = "name,submit_s,gpus,duration_s";
  std::vector<OptionalColumn> columns;
  for (const OptionalColumn& column : kOptionalColumns) {
    if (std::ranges::none_of(jobs, column.needed)) continue;
    columns.push_back(column);
    text += fmt::format(",{}", column.name);
  }
  for (const RecordedJob& job : jobs) {
    text += fmt::format("\n{},{},{},{}", job.name, seconds_text(to_ns(job.submitted_at)), job.gpus,
                        seconds_text(job.running_time.count()));
    for (const OptionalColumn& column : columns) text += "," + column.text(job);
  }
  sink.write(text + "\n");
  sink.commit();
}

std::vector<RecordedJob> read_csv_jobs(const std::string& path) { return CsvJobs(path).read(); }

}  // namespace plimsoll
