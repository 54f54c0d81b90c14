#include "cli/catalog_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/config/scalar_text.hpp"
#include "workloads/parameter_count.hpp"

namespace plimsoll::cli {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::null:
      return nullptr;
    case ConfigNode::Kind::sequence: {
      Json list = Json::array();
      for (const ConfigNode& item : node.items) list.push_back(to_json(item));
      return list;
    }
    case ConfigNode::Kind::map: {
      Json map = Json::object();
      for (const ConfigEntry& entry : node.entries) map[entry.key] = to_json(entry.value);
      return map;
    }
    case ConfigNode::Kind::scalar:
      break;
  }
  std::int64_t whole = 0;
  double real = 0;
  bool truth = false;
  if (node.quoted) return node.text;
  if (parse_scalar(node.text, whole).empty()) return whole;
  if (parse_scalar(node.text, real).empty()) return real;
  if (parse_scalar(node.text, truth).empty()) return truth;
  return node.text;
}

std::string short_text(const ConfigNode& value) {
  if (!value.is(ConfigNode::Kind::sequence)) return value.text;
  constexpr std::size_t kMostShown = 4;
  const auto& items = value.items;
  std::string text;
  for (std::size_t i = 0; i < std::min(items.size(), kMostShown); ++i)
    text += (i > 0 ? ", " : "") + short_text(items[i]);
  if (items.size() > kMostShown)
    text += fmt::format(" ... {} ({} values)", short_text(items.back()), items.size());
  return "[" + text + "]";
}

/// The rows of a table of figures, and the sources that they cite by number.
class FigureTable {
 public:
  void add(const std::string& path, const ConfigNode& node) {
    if (node.is(ConfigNode::Kind::map)) {
      if (const ConfigNode* value = node.find("value")) {
        const ConfigNode* source = node.find("source");
        row(path, short_text(*value), source ? cite(source->text) : "");
      } else {
        for (const ConfigEntry& entry : node.entries)
          add(path.empty() ? entry.key : path + "." + entry.key, entry.value);
      }
    } else if (path != "aliases") {
      row(path, short_text(node), "");
    }
  }
  void row(const std::string& name, const std::string& value, const std::string& note) {
    rows_ += fmt::format("  {:<35} {:<23} {}", name, value, note);
    rows_.erase(rows_.find_last_not_of(' ') + 1);
    rows_ += '\n';
  }
  std::string take_rows() { return std::exchange(rows_, {}); }
  std::string sources() const {
    std::string text;
    for (std::size_t i = 0; i < sources_.size(); ++i)
      text += fmt::format("  [{}] {}\n", i + 1, sources_[i]);
    return text;
  }

 private:
  std::string cite(const std::string& source) {
    const auto known = std::find(sources_.begin(), sources_.end(), source);
    const auto number = known - sources_.begin() + 1;
    if (known == sources_.end()) sources_.push_back(source);
    return fmt::format("[{}]", number);
  }

  std::string rows_;
  std::vector<std::string> sources_;
};

std::vector<std::string> aliases_of(const CatalogEntry& entry) {
  std::vector<std::string> names;
  if (const ConfigNode* aliases = entry.root.find("aliases"))
    for (const ConfigNode& alias : aliases->items) names.push_back(alias.text);
  return names;
}

/// 1234567 as "1,234,567".
std::string with_commas(std::int64_t number) {
  std::string text = fmt::format("{}", number);
  for (std::size_t at = text.size(); at > 3 && text[at - 4] != '-';) text.insert(at -= 3, ",");
  return text;
}

std::int64_t ratio(FlopPerSecond rate, BytesPerSecond bandwidth) {
  return std::llround(rate.count() / bandwidth.count());
}

}  // namespace

DerivedFigures derived_of(const ModelSpec& model) {
  const ParameterCount parameters = parameter_count(model);
  DerivedFigures derived{{"parameters", parameters.total},
                         {"active_parameters", parameters.active}};
  for (const Precision kv : {Precision::bf16, Precision::fp8})
    derived.emplace_back(fmt::format("{}_kv_bytes_per_token", precision_name(kv)),
                         kv_bytes_per_token(model, {.kv = kv}, 1).count());
  for (const Precision precision : {Precision::bf16, Precision::fp8, Precision::fp8_block,
                                    Precision::nvfp4, Precision::mxfp4, Precision::int4})
    derived.emplace_back(fmt::format("{}_weights_bytes", precision_name(precision)),
                         weight_bytes(model, quantization_of(precision)).count());
  return derived;
}

DerivedFigures derived_of(const GpuSpec& gpu) {
  const BytesPerSecond bandwidth = gpu.memory_bandwidth.value;
  DerivedFigures derived{{"bf16_flop_per_byte", ratio(gpu.bf16_dense.value, bandwidth)}};
  if (gpu.fp8_dense)
    derived.emplace_back("fp8_flop_per_byte", ratio(gpu.fp8_dense->value, bandwidth));
  if (gpu.fp4_dense)
    derived.emplace_back("fp4_flop_per_byte", ratio(gpu.fp4_dense->value, bandwidth));
  return derived;
}

std::string about(const CatalogEntry& entry) {
  if (!entry.text.starts_with("# ")) return "";
  return entry.text.substr(2, entry.text.find('\n') - 2);
}

std::string entry_text(const CatalogEntry& entry, const DerivedFigures& derived) {
  std::string text = fmt::format("{} of {}, {}\n  {}\n", entry.name, entry.kind,
                                 entry.root.at.source, about(entry));
  const std::vector<std::string> aliases = aliases_of(entry);
  if (!aliases.empty()) text += fmt::format("  also {}\n", fmt::join(aliases, ", "));
  FigureTable table;
  table.add("", entry.root);
  text += "\n" + table.take_rows();
  for (const auto& [name, value] : derived) table.row(name, with_commas(value), "derived");
  text += table.take_rows();
  return text + "\nSources\n" + table.sources();
}

std::string entry_json(const CatalogEntry& entry, const DerivedFigures& derived) {
  Json figures = to_json(entry.root);
  figures.erase("aliases");
  Json json{{"kind", entry.kind},
            {"name", entry.name},
            {"aliases", aliases_of(entry)},
            {"file", entry.root.at.source},
            {"figures", std::move(figures)}};
  json["derived"] = Json::object();
  for (const auto& [name, value] : derived) json["derived"][name] = value;
  return json.dump(2) + "\n";
}

std::string list_text(const std::vector<CatalogEntry>& entries) {
  std::string text;
  std::string kind;
  for (const CatalogEntry& entry : entries) {
    if (std::exchange(kind, entry.kind) != entry.kind)
      text += fmt::format("{}{}\n", text.empty() ? "" : "\n", entry.kind);
    text += fmt::format("  {:<26}{}\n", entry.name, about(entry));
  }
  return text;
}

std::string list_json(const std::vector<CatalogEntry>& entries) {
  Json json = Json::object();
  for (const CatalogEntry& entry : entries)
    json[entry.kind].push_back(
        {{"name", entry.name}, {"about", about(entry)}, {"aliases", aliases_of(entry)}});
  return json.dump(2) + "\n";
}

}  // namespace plimsoll::cli
