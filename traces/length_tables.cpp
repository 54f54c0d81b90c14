#include "traces/length_tables.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "core/config/fields.hpp"
#include "core/config/yaml.hpp"
#include "results/atomic_file.hpp"
#include "traces/csv_file.hpp"
#include "traces/trace_formats.hpp"

namespace plimsoll {

/// A knot in a file: [tokens, share].
template <>
struct FieldType<QuantileKnot> {
  using Number = Unordered;
  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<Unordered>&,
                   QuantileKnot& out) {
    if (!place.expect(node, ConfigNode::Kind::sequence)) return;
    if (node.items.size() != 2) return place.wrong(node, "is not a pair [tokens, share]");
    FieldType<std::int32_t>::read(place.item(0), node.items[0],
                                  {.min = 0, .max = static_cast<std::int32_t>(kMostTokens)},
                                  out.value);
    FieldType<double>::read(place.item(1), node.items[1], {.min = 0.0, .max = 1.0}, out.share);
  }
};

namespace {

/// A table as it stands in the file.
struct TableText {
  std::optional<double> ks_distance;
  std::optional<double> data_mean;
  std::vector<QuantileKnot> knots;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("ks_distance", &TableText::ks_distance,
          "Largest difference between the table's and the data's cumulative distribution.", 0.0,
          1.0);
    visit("data_mean", &TableText::data_mean, "Mean of the data, tokens.", at_least(0.0));
    visit("knots", &TableText::knots, "Pairs [tokens, share of requests with at most so many].",
          required);
  }
};

struct FileText {
  std::string source;
  std::string attribution;
  std::string command;
  std::int64_t requests = 0;
  TableText prompt_tokens;
  TableText output_tokens;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("source", &FileText::source, "What the numbers are from.", required);
    visit("attribution", &FileText::attribution, "What the licence of the data asks to be said.");
    visit("command", &FileText::command, "Fits the file again.");
    visit("requests", &FileText::requests, "Requests in the data.", at_least(std::int64_t{0}));
    visit("prompt_tokens", &FileText::prompt_tokens, "Lengths of prompts.", required);
    visit("output_tokens", &FileText::output_tokens, "Lengths of answers.", required);
  }
};

/// What is wrong with a knot, given the one before it; nothing when all is well.
std::string problem_of(const std::vector<QuantileKnot>& knots, std::size_t i) {
  const QuantileKnot& knot = knots[i];
  if (i == 0 && knot.share != 0)
    return "the first knot must have share 0, one below the least length";
  if (i + 1 == knots.size() && knot.share != 1) return "the last knot must have share 1";
  if (i == 0) return {};
  if (knot.value <= knots[i - 1].value) return fmt::format("{} tokens do not rise", knot.value);
  if (knot.share < knots[i - 1].share) return fmt::format("share {} falls", knot.share);
  return {};
}

void check_knots(const ConfigNode& root, const std::string& path,
                 const std::vector<QuantileKnot>& knots, std::vector<Fault>& faults) {
  const ConfigNode* const list = find_path(root, path);
  if (list == nullptr || !list->is(ConfigNode::Kind::sequence)) return;  // already a fault
  if (knots.size() < 2 || knots.size() > kMostKnots) {
    faults.push_back({list->at, fmt::format("{} has {} knots; it needs 2 to {}.", path,
                                            knots.size(), kMostKnots)});
    return;
  }
  for (std::size_t i = 0; i < knots.size(); ++i) {
    const std::string problem = problem_of(knots, i);
    if (!problem.empty()) {
      faults.push_back({list->items[i].at, fmt::format("{}[{}]: {}.", path, i, problem)});
    }
  }
}

std::string table_text(std::string_view name, const FittedTable& fitted) {
  std::string text = fmt::format("{}:\n", name);
  if (fitted.ks_distance) text += fmt::format("  ks_distance: {}\n", *fitted.ks_distance);
  if (fitted.data_mean) text += fmt::format("  data_mean: {}\n", *fitted.data_mean);
  text += "  knots:\n";
  for (const QuantileKnot& knot : fitted.table.knots()) {
    text += fmt::format("    - [{}, {}]\n", knot.value, knot.share);
  }
  return text;
}

FittedTable fitted(TableText text) {
  return {QuantileTable(std::move(text.knots)), text.ks_distance, text.data_mean};
}

}  // namespace

LengthTables fit_trace(const TraceSource& source, const Position& at, const std::string& output) {
  LengthTables tables = fit_lengths(load_trace(source, at));
  const std::string name = std::filesystem::path(source.path).filename().string();
  const std::string output_name = std::filesystem::path(output).filename().string();
  tables.source = name;
  tables.attribution = builtin_trace_formats().find(source.format)->attribution;
  tables.command =
      fmt::format("plimsoll trace fit {}:{} --output {}", source.format, name, output_name);
  return tables;
}

LengthTables read_lengths(const std::string& path) {
  std::vector<Fault> faults;
  const ConfigNode root = load_yaml(path, faults);
  auto text = read_config<FileText>(root, faults);
  if (faults.empty()) {
    check_knots(root, "prompt_tokens.knots", text.prompt_tokens.knots, faults);
    check_knots(root, "output_tokens.knots", text.output_tokens.knots, faults);
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return {text.source,
          text.attribution,
          text.command,
          text.requests,
          fitted(std::move(text.prompt_tokens)),
          fitted(std::move(text.output_tokens))};
}

void write_lengths(const LengthTables& tables, const std::string& path) {
  ConfigNode head = ConfigNode::map();
  head.add("source", text_node(tables.source));
  if (!tables.attribution.empty()) head.add("attribution", text_node(tables.attribution));
  if (!tables.command.empty()) head.add("command", text_node(tables.command));
  if (tables.requests > 0) head.add("requests", ConfigNode::scalar(scalar_text(tables.requests)));
  AtomicFile file(path);
  file.write(
      "# Lengths of prompts and answers. A knot is [tokens, share of requests with at most so "
      "many]; shares\n"
      "# between knots are linear. These are figures derived from the data named here, not the "
      "data.\n");
  file.write(to_yaml(head));
  file.write(table_text("prompt_tokens", tables.prompt_tokens));
  file.write(table_text("output_tokens", tables.output_tokens));
  file.commit();
}

}  // namespace plimsoll
