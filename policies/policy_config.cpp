#include "policies/policy_config.hpp"

namespace plimsoll {

void FieldType<PolicyConfig>::read(const FieldPlace& place, const ConfigNode& node,
                                   const FieldRule<Unordered>&, PolicyConfig& out) {
  if (node.is(ConfigNode::Kind::scalar)) {
    FieldType<std::string>::read(place, node, {}, out.name);
    return;
  }
  if (!place.expect(node, ConfigNode::Kind::map)) return;
  const FieldPlace name_place = place.child("name", "which policy");
  out.settings = ConfigNode::map(node.at);
  for (const ConfigEntry& entry : node.entries) {
    if (entry.key != "name") out.settings.entries.push_back(entry);
  }
  if (const ConfigNode* name = node.find("name")) {
    FieldType<std::string>::read(name_place, *name, {}, out.name);
  } else {
    name_place.missing(node);
  }
}

ConfigNode FieldType<PolicyConfig>::write(const PolicyConfig& value) {
  if (value.settings.entries.empty()) return text_node(value.name);
  ConfigNode map = ConfigNode::map();
  map.add("name", text_node(value.name));
  for (const ConfigEntry& entry : value.settings.entries) map.add(entry.key, entry.value);
  return map;
}

}  // namespace plimsoll
