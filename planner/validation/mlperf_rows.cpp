#include "planner/validation/mlperf_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "core/config/fields.hpp"
#include "core/config/yaml.hpp"
#include "planner/validation/data_table.hpp"

namespace plimsoll {
namespace {

struct Entry : MlperfWorkload {
  template <class Visit>
  static void fields(Visit&& visit) {
    visit("prefix", &Entry::prefix, "How the rows' model begins.", required);
    visit("model", &Entry::model, "Model of the catalogue.", required);
    visit("prompt_tokens", &Entry::prompt_tokens, "Mean.", required, 1, 1'000'000);
    visit("output_tokens", &Entry::output_tokens, "Mean.", required, 1, 1'000'000);
    visit("source", &Entry::source, "Where the lengths are from.", required);
    visit("server_ttft_s", &Entry::server_ttft_s, "99th percentile.", required, above(0.0));
    visit("server_tpot_s", &Entry::server_tpot_s, "99th percentile.", required, above(0.0));
    visit("interactive_ttft_s", &Entry::interactive_ttft_s, "99th percentile.", above(0.0));
    visit("interactive_tpot_s", &Entry::interactive_tpot_s, "99th percentile.", above(0.0));
  }
};

struct WorkloadFile {
  std::vector<Entry> workloads;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("workloads", &WorkloadFile::workloads, "One per benchmark.", required);
  }
};

/// "A (x32), B (x16)", or one kind of which a node has `per_node`.
std::vector<MlperfAccelerators> parse_accelerators(const std::string& text, std::int32_t in_all) {
  std::vector<MlperfAccelerators> kinds;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(", ", begin), text.size());
    MlperfAccelerators kind{text.substr(begin, end - begin), in_all};
    const std::size_t times = kind.name.rfind("(x");
    if (times != std::string::npos) {
      kind.count =
          static_cast<std::int32_t>(std::strtol(kind.name.c_str() + times + 2, nullptr, 10));
      kind.name.resize(times);
    }
    kinds.push_back(std::move(kind));
    begin = end + 2;
  }
  return kinds;
}

void read_file(const std::filesystem::path& file, std::set<std::string>& known, MlperfData& data) {
  const DataTable table(
      file, {"division", "org", "system", "model", "scenario_dir", "accel", "accel_per_node",
             "nodes", "Scenario", "Tokens per second", "Completed tokens per second"});
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const std::string& division = table.text(i, "division");
    if (division != "closed") {
      if (division != "open") table.refuse(i, "division", "is neither closed nor open.");
      ++data.open_division;
      continue;
    }
    MlperfRow row{.place = table.place(i),
                  .system = table.text(i, "system"),
                  .organisation = table.text(i, "org"),
                  .model = table.text(i, "model"),
                  .scenario = table.text(i, "scenario_dir")};
    row.per_node = table.count(i, "accel_per_node");
    row.accelerators =
        parse_accelerators(table.text(i, "accel"), row.per_node * table.count(i, "nodes"));
    const bool offline = table.text(i, "Scenario") == "Offline";
    row.tokens_per_s =
        table.positive(i, offline ? "Tokens per second" : "Completed tokens per second");
    const std::string figure = fmt::format("{} {} {} {:.6g}", row.organisation, row.system,
                                           row.scenario, row.tokens_per_s);
    if (known.insert(figure).second) {
      data.rows.push_back(std::move(row));
    } else {
      ++data.repeated;
    }
  }
}

}  // namespace

std::vector<MlperfWorkload> read_mlperf_workloads(const std::filesystem::path& file) {
  const auto read = read_config<WorkloadFile>(load_yaml(file));
  return {read.workloads.begin(), read.workloads.end()};
}

MlperfData read_mlperf(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename().string().find("_llm_summary.csv") != std::string::npos)
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  if (files.empty())
    throw ConfigError(Position{folder.string(), 0, 0}, "there is no *_llm_summary.csv in it.");
  MlperfData data;
  std::set<std::string> known;
  for (const auto& file : files) read_file(file, known, data);
  return data;
}

std::string match_gpu(const std::vector<std::string>& gpus, const std::string& accelerator) {
  std::string folded;  // lower case, whatever is no letter or digit a space
  for (const char c : " " + accelerator + " ") {
    const auto code = static_cast<unsigned char>(c);
    folded += std::isalnum(code) ? static_cast<char>(std::tolower(code)) : ' ';
  }
  std::string best;
  std::ptrdiff_t most = 0;
  for (const std::string& gpu : gpus) {
    const std::string words = gpu.substr(gpu.find('_'));  // "_h200_sxm"
    bool all = true;
    for (std::size_t at = 0; at != std::string::npos && at < words.size();) {
      const std::size_t end = words.find('_', at + 1);
      all = all && folded.find(" " + words.substr(at + 1, end - at - 1) + " ") != std::string::npos;
      at = end;
    }
    const std::ptrdiff_t count = std::count(words.begin(), words.end(), '_');
    if (!all || count <= most) continue;
    best = gpu;
    most = count;
  }
  return best;
}

}  // namespace plimsoll
