#include "core/config/node.hpp"

#include <utility>

#include "core/assert.hpp"

namespace plimsoll {
namespace {

/// Cuts the first name off a dotted path.
std::string_view take_name(std::string_view& path) {
  const std::size_t dot = path.find('.');
  const std::string_view name = path.substr(0, dot);
  path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  return name;
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
    const ConfigNode* next = node->find(take_name(path));
    if (!next) break;
    node = next;
  }
  return node->at;
}

}  // namespace plimsoll
