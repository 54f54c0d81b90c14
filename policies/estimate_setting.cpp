#include "policies/estimate_setting.hpp"

#include <string>

namespace plimsoll {

void FieldType<EstimateKind>::read(const FieldPlace& place, const ConfigNode& node,
                                   const FieldRule<Unordered>&, EstimateKind& out) {
  if (!place.expect(node, ConfigNode::Kind::scalar)) return;
  if (node.text == "user") {
    out = EstimateKind::user;
  } else if (node.text == "predicted") {
    out = EstimateKind::predicted;
  } else if (node.text == "oracle") {
    out = EstimateKind::oracle;
  } else {
    place.wrong(node, "is none of user, predicted, oracle");
  }
}

ConfigNode FieldType<EstimateKind>::write(EstimateKind value) {
  switch (value) {
    case EstimateKind::user:
      return text_node("user");
    case EstimateKind::predicted:
      return text_node("predicted");
    case EstimateKind::oracle:
      return text_node("oracle");
    case EstimateKind::none:
      break;
  }
  return ConfigNode{};
}

}  // namespace plimsoll
