#include "core/config/fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/config/suggest.hpp"

namespace plimsoll {
namespace {

constexpr std::size_t kLongestQuote = 60;

/// What stands there, short and on one line.
std::string found_text(const ConfigNode& node) {
  if (node.is(ConfigNode::Kind::null)) return "null";
  if (node.is(ConfigNode::Kind::sequence)) return "a list";
  if (node.is(ConfigNode::Kind::map)) return "a mapping";
  std::string text = node.text.substr(0, kLongestQuote);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  if (node.text.size() > kLongestQuote) text += "...";
  const bool is_word = text.empty() || text.find_first_not_of("-.0123456789") == 0;
  return node.quoted || is_word ? fmt::format("\"{}\"", text) : text;
}

/// " (share of each node kept free)" from "Share of each node kept free."; a leading abbreviation keeps its capitals.
std::string in_parentheses(std::string_view sentence) {
  if (sentence.empty()) return {};
  if (sentence.ends_with('.')) sentence.remove_suffix(1);
  std::string text(sentence);
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const bool is_abbreviation = text.size() > 1 && is_upper(text[1]);
  if (is_upper(text[0]) && !is_abbreviation) text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return fmt::format(" ({})", text);
}

std::string_view kind_name(ConfigNode::Kind kind) {
  switch (kind) {
    case ConfigNode::Kind::scalar:
      return "a single value";
    case ConfigNode::Kind::sequence:
      return "a list";
    case ConfigNode::Kind::map:
      return "a mapping";
    case ConfigNode::Kind::null:
      break;
  }
  return "nothing";
}

}  // namespace

FieldPlace FieldPlace::child(std::string_view name, std::string_view doc) const {
  return {path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name), doc, faults_};
}

FieldPlace FieldPlace::item(std::size_t index) const {
  return {fmt::format("{}[{}]", path_, index), doc_, faults_};
}

void FieldPlace::wrong(const ConfigNode& found, std::string_view problem) const {
  const std::string subject =
      path_.empty() ? found_text(found) : fmt::format("{} = {}", path_, found_text(found));
  faults_.push_back({found.at, fmt::format("{} {}{}.", subject, problem, in_parentheses(doc_))});
}

void FieldPlace::outside(const ConfigNode& found, std::string_view min,
                         std::string_view max) const {
  wrong(found, fmt::format("is outside [{}, {}]", min, max));
}

void FieldPlace::below(const ConfigNode& found, std::string_view min, bool min_excluded) const {
  wrong(found, fmt::format("is {} {}", min_excluded ? "not above" : "below", min));
}

void FieldPlace::missing(const ConfigNode& map) const {
  faults_.push_back({map.at, fmt::format("{} is missing{}.", path_, in_parentheses(doc_))});
}

void FieldPlace::unknown_keys(const ConfigNode& map, const std::vector<std::string>& known) const {
  for (const ConfigEntry& entry : map.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    const std::string fault = unknown_name("key", entry.key, known);
    faults_.push_back({entry.key_at, path_.empty() ? fault : fmt::format("{}: {}", path_, fault)});
  }
}

bool FieldPlace::expect(const ConfigNode& node, ConfigNode::Kind kind) const {
  if (node.is(kind)) return true;
  if (node.is(ConfigNode::Kind::null)) {
    if (kind != ConfigNode::Kind::scalar) return true;
    wrong(node, "has no value");
  } else {
    wrong(node, fmt::format("is not {}", kind_name(kind)));
  }
  return false;
}

}  // namespace plimsoll
