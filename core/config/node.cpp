#include "core/config/node.hpp"

#include <utility>

#include "core/assert.hpp"
#include "core/config/scalar_text.hpp"

namespace plimsoll {
namespace {

/// Cuts the first name off a dotted path.
std::string_view take_name(std::string_view& path) {
  const std::size_t dot = path.find('.');
  const std::string_view name = path.substr(0, dot);
  path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  return name;
}

/// The item of a list at "[3]"; the list itself where there is none.
const ConfigNode* item_of(const ConfigNode& list, std::string_view index) {
  std::int64_t i = 0;
  const bool read = parse_scalar(index.substr(1, index.size() - 2), i).empty();
  const bool there = read && i >= 0 && i < std::ssize(list.items);
  return there ? &list.items[static_cast<std::size_t>(i)] : &list;
}

}  // namespace

const ConfigNode* ConfigNode::find(std::string_view key) const {
  for (const ConfigEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

ConfigNode* ConfigNode::find(std::string_view key) {
  return const_cast<ConfigNode*>(std::as_const(*this).find(key));
}

ConfigNode ConfigNode::scalar(std::string text, Position at) {
  ConfigNode node;
  node.kind = Kind::scalar;
  node.at = std::move(at);
  node.text = std::move(text);
  return node;
}

ConfigNode ConfigNode::sequence(Position at) {
  ConfigNode node;
  node.kind = Kind::sequence;
  node.at = std::move(at);
  return node;
}

ConfigNode ConfigNode::map(Position at) {
  ConfigNode node;
  node.kind = Kind::map;
  node.at = std::move(at);
  return node;
}

ConfigNode& ConfigNode::add(std::string key, ConfigNode value) {
  PLIMSOLL_ASSERT(kind == Kind::map, "key = {}", key);
  PLIMSOLL_ASSERT(find(key) == nullptr, "key = {}", key);
  Position key_at = value.at;
  entries.push_back({std::move(key), std::move(key_at), std::move(value)});
  return entries.back().value;
}

const ConfigNode* find_path(const ConfigNode& root, std::string_view path) {
  const ConfigNode* node = &root;
  while (node && !path.empty()) node = node->find(take_name(path));
  return node;
}

Position position_of(const ConfigNode& root, std::string_view path) {
  const ConfigNode* node = &root;
  while (!path.empty()) {
    const std::string_view name = take_name(path);
    const std::size_t bracket = name.find('[');
    const ConfigNode* next = node->find(name.substr(0, bracket));
    if (!next) break;
    node = next;
    if (bracket != std::string_view::npos) node = item_of(*node, name.substr(bracket));
  }
  return node->at;
}

}  // namespace plimsoll
