#include "traces/length_tables.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "core/assert.hpp"
#include "core/config/yaml.hpp"
#include "results/atomic_file.hpp"
#include "traces/fitted_table_text.hpp"
#include "traces/trace_formats.hpp"

namespace plimsoll {

namespace {

struct FileText {
  std::string source;
  std::string attribution;
  std::string command;
  std::int64_t requests = 0;
  FittedTableText prompt_tokens;
  FittedTableText output_tokens;

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

}  // namespace

LengthTables fit_lengths(std::span<const Arrival> arrivals) {
  PLIMSOLL_ASSERT(!arrivals.empty(), "no request to fit lengths to");
  std::vector<std::int32_t> prompts;
  std::vector<std::int32_t> outputs;
  for (const Arrival& arrival : arrivals) {
    prompts.push_back(arrival.prompt_tokens);
    outputs.push_back(arrival.output_tokens);
  }
  return {"",
          "",
          "",
          static_cast<std::int64_t>(arrivals.size()),
          fit_table(std::move(prompts)),
          fit_table(std::move(outputs))};
}

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
    for (const auto& [name, table] : {std::pair{"prompt_tokens.knots", &text.prompt_tokens},
                                      std::pair{"output_tokens.knots", &text.output_tokens}})
      check_knots(find_path(root, name), name, "tokens", table->knots, faults);
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return {text.source,
          text.attribution,
          text.command,
          text.requests,
          fitted_table(std::move(text.prompt_tokens)),
          fitted_table(std::move(text.output_tokens))};
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
  file.write("prompt_tokens:\n" + table_text(tables.prompt_tokens, 2));
  file.write("output_tokens:\n" + table_text(tables.output_tokens, 2));
  file.commit();
}

}  // namespace plimsoll
