// A catalogue figure: never a number without where it is from. In YAML: `{value: 80 GB, source: "datasheet, page 3"}`.
#pragma once

#include <string>

#include "core/config/fields.hpp"

namespace plimsoll {

template <class T>
struct Figure {
  T value{};
  std::string source;

  friend bool operator==(const Figure&, const Figure&) = default;
};

/// The range of the field list applies to the value. A figure without a source is a fault.
template <class T>
struct FieldType<Figure<T>> {
  using Number = typename FieldType<T>::Number;

  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<Number>& rule,
                   Figure<T>& out) {
    if (!node.is(ConfigNode::Kind::map))
      return place.wrong(node, "has no source; write {value: ..., source: \"...\"}");
    const FieldPlace value_place = place.child("value", place.sentence());
    const FieldPlace source_place = place.child("source", "Where the value is from.");
    const ConfigNode* value = node.find("value");
    const ConfigNode* source = node.find("source");
    value ? FieldType<T>::read(value_place, *value, rule, out.value) : value_place.missing(node);
    source ? FieldType<std::string>::read(source_place, *source, {}, out.source)
           : source_place.missing(node);
    place.unknown_keys(node, {"value", "source"});
  }

  static ConfigNode write(const Figure<T>& figure) {
    ConfigNode node = ConfigNode::map();
    node.add("value", FieldType<T>::write(figure.value));
    node.add("source", FieldType<std::string>::write(figure.source));
    return node;
  }
};

}  // namespace plimsoll
