#include "core/config/yaml_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/config/scalar_text.hpp"

namespace plimsoll {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '/';
}

/// Words that some YAML reader takes for something else than text.
bool is_reserved_word(std::string_view text) {
  std::string word(text);
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  constexpr std::string_view kWords[] = {"true", "false", "null", "yes", "no",
                                         "on",   "off",   "y",    "n"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

/// Text that every YAML reader takes for itself.
bool is_plain_name(std::string_view text) {
  if (text.empty() || is_reserved_word(text)) return false;
  const bool relative_path = text.starts_with("./") || text.starts_with("../");
  if (!is_letter(text[0]) && text[0] != '/' && !relative_path) return false;
  return std::all_of(text.begin(), text.end(), is_name_character);
}

std::string in_quotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (code < 0x20 || code == 0x7f) {
      quoted += fmt::format("\\x{:02x}", code);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string scalar_yaml(const ConfigNode& node) {
  const bool one_line = std::all_of(node.text.begin(), node.text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
  return node.quoted || !one_line ? in_quotes(node.text) : node.text;
}

constexpr std::size_t kFewNumbers = 8;
constexpr std::size_t kLineLength = 100;

/// A list of more than a few numbers, which would be a page in block style.
bool is_number_table(const ConfigNode& node) {
  return node.items.size() > kFewNumbers &&
         std::all_of(node.items.begin(), node.items.end(), [](const ConfigNode& item) {
           double number = 0;
           return item.is(ConfigNode::Kind::scalar) && !item.quoted &&
                  parse_scalar(item.text, number).empty();
         });
}

/// "[1, 2, 3]", broken into lines; the first one starts at `column`.
void write_number_table(const ConfigNode& node, std::size_t depth, std::size_t column,
                        std::string& out) {
  std::size_t length = column;
  const std::string indent(2 * depth, ' ');
  out += '[';
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string& text = node.items[i].text;
    if (length + text.size() + 3 > kLineLength) {
      out += '\n' + indent;
      length = indent.size();
    } else if (i > 0) {
      out += ' ';
    }
    out += text + (i + 1 < node.items.size() ? "," : "]\n");
    length += text.size() + 2;
  }
}

void write_block(const ConfigNode& node, std::size_t depth, std::string& out);

/// The value after "key:" or "-": on the same line, or as a block below.
void write_value(const ConfigNode& node, std::size_t depth, std::string& out) {
  switch (node.kind) {
    case ConfigNode::Kind::null:
      out += " null\n";
      return;
    case ConfigNode::Kind::scalar:
      out += ' ' + scalar_yaml(node) + '\n';
      return;
    case ConfigNode::Kind::sequence:
      if (node.items.empty()) {
        out += " []\n";
        return;
      }
      if (is_number_table(node)) {
        out += ' ';
        return write_number_table(node, depth, out.size() - out.rfind('\n'), out);
      }
      break;
    case ConfigNode::Kind::map:
      if (node.entries.empty()) {
        out += " {}\n";
        return;
      }
      break;
  }
  out += '\n';
  write_block(node, depth, out);
}

void write_block(const ConfigNode& node, std::size_t depth, std::string& out) {
  const std::string indent(2 * depth, ' ');
  for (const ConfigNode& item : node.items) {
    out += indent + '-';
    write_value(item, depth + 1, out);
  }
  for (const ConfigEntry& entry : node.entries) {
    out += indent + (is_plain_name(entry.key) ? entry.key : in_quotes(entry.key)) + ':';
    write_value(entry.value, depth + 1, out);
  }
}

}  // namespace

std::string to_yaml(const ConfigNode& root) {
  std::string out;
  const bool is_block = (!root.items.empty() || !root.entries.empty()) && !is_number_table(root);
  if (is_block) {
    write_block(root, 0, out);
  } else {
    write_value(root, 0, out);
    out.erase(0, 1);  // the space that follows a key
  }
  return out;
}

ConfigNode text_node(std::string text) {
  ConfigNode node = ConfigNode::scalar(std::move(text));
  node.quoted = !is_plain_name(node.text);
  return node;
}

}  // namespace plimsoll
