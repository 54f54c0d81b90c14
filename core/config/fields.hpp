// One field list per config struct; reading, checking and writing are made from it.
//
//   struct Config {
//     double reserve = 0.0;
//     std::optional<Duration> patience;
//     template <class Visit> static void fields(Visit&& visit) {
//       visit("reserve", &Config::reserve, "Share of each node kept free for bursts.", 0.0, 1.0);
//       visit("patience", &Config::patience, "Longest wait in the queue.", above(Duration{0}));
//     }
//   };
//
// After the sentence come, in this order, `required` (a field without a sensible default: its absence is a fault) and
// the allowed range: `min, max`, both inclusive, or at_least(min), or above(min). A field is one of the types of
// core/config/scalar_text.hpp, text, a struct with `fields`, or an optional (null or absent: empty), a vector or a map
// by name of these; the range then applies to each element. Any other type brings its own FieldType.
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/config/node.hpp"
#include "core/config/scalar_text.hpp"
#include "core/config/yaml_writer.hpp"

namespace plimsoll {

struct RequiredField {};
inline constexpr RequiredField required{};

template <class T>
struct AtLeast {
  T value;
};
template <class T>
constexpr AtLeast<T> at_least(T value) {
  return {value};
}

template <class T>
struct Above {
  T value;
};
template <class T>
constexpr Above<T> above(T value) {
  return {value};
}

/// What the field list says of one field beside its name: T is the type of its numbers.
template <class T>
struct FieldRule {
  bool required = false;
  bool min_excluded = false;
  std::optional<T> min;
  std::optional<T> max;
};

/// The rule of a type without an order, such as text or a nested struct.
struct Unordered {};
template <>
struct FieldRule<Unordered> {
  bool required = false;
};

/// How a type is read and written. `Number` is what its range is given in, or Unordered.
template <class T>
struct FieldType;

/// The field being read: its dotted path, its sentence, and where faults go.
class FieldPlace {
 public:
  FieldPlace(std::string path, std::string_view doc, std::vector<Fault>& faults)
      : path_(std::move(path)), doc_(doc), faults_(faults) {}

  const std::string& path() const { return path_; }
  std::string_view sentence() const { return doc_; }
  std::vector<Fault>& faults() const { return faults_; }
  FieldPlace child(std::string_view name, std::string_view doc) const;
  FieldPlace item(std::size_t index) const;

  /// `<path> = <what stands there> <problem> (<sentence>).`
  void wrong(const ConfigNode& found, std::string_view problem) const;
  void outside(const ConfigNode& found, std::string_view min, std::string_view max) const;
  void below(const ConfigNode& found, std::string_view min, bool min_excluded) const;
  /// `<path> is missing (<sentence>).`
  void missing(const ConfigNode& map) const;
  /// `<path>: unknown key "replicsa". Did you mean "replicas"? Known: ...`, one for each key that is not known.
  void unknown_keys(const ConfigNode& map, const std::vector<std::string>& known) const;
  /// Reports and returns false unless `node` is of that kind (null counts as an empty map or list).
  bool expect(const ConfigNode& node, ConfigNode::Kind kind) const;

 private:
  std::string path_;
  std::string_view doc_;
  std::vector<Fault>& faults_;
};

template <class T>
concept ConfigScalar = requires(T& out, std::string_view text) {
  { parse_scalar(text, out) } -> std::same_as<std::string>;
  { scalar_text(out) } -> std::same_as<std::string>;
};

struct IgnoreFields {
  template <class... Field>
  void operator()(Field&&...) const {}
};
template <class T>
concept ConfigStruct = requires { T::fields(IgnoreFields{}); };

template <ConfigScalar T>
struct FieldType<T> {
  using Number = T;
  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<T>& rule,
                   T& out) {
    if (!place.expect(node, ConfigNode::Kind::scalar)) return;
    if (node.quoted && std::is_arithmetic_v<T>)
      return place.wrong(node, "is text in quotes; write it without them");
    T value{};
    const std::string problem = parse_scalar(node.text, value);
    if (!problem.empty()) return place.wrong(node, problem);
    const bool too_small = rule.min && (rule.min_excluded ? value <= *rule.min : value < *rule.min);
    if (!too_small && !(rule.max && value > *rule.max)) {
      out = value;
    } else if (rule.max) {
      place.outside(node, scalar_text(*rule.min), scalar_text(*rule.max));
    } else {
      place.below(node, scalar_text(*rule.min), rule.min_excluded);
    }
  }
  static ConfigNode write(const T& value) { return ConfigNode::scalar(scalar_text(value)); }
};

template <>
struct FieldType<std::string> {
  using Number = Unordered;
  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<Unordered>&,
                   std::string& out) {
    if (!place.expect(node, ConfigNode::Kind::scalar)) return;
    if (node.text.empty()) return place.wrong(node, "is empty");
    out = node.text;
  }
  static ConfigNode write(const std::string& value) { return text_node(value); }
};

template <class T>
struct FieldType<std::optional<T>> {
  using Number = typename FieldType<T>::Number;
  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<Number>& rule,
                   std::optional<T>& out) {
    out.reset();
    if (node.is(ConfigNode::Kind::null)) return;
    FieldType<T>::read(place, node, rule, out.emplace());
  }
  static ConfigNode write(const std::optional<T>& value) {
    return value ? FieldType<T>::write(*value) : ConfigNode{};
  }
};

template <class T>
struct FieldType<std::vector<T>> {
  using Number = typename FieldType<T>::Number;
  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<Number>& rule,
                   std::vector<T>& out) {
    out.clear();
    if (!place.expect(node, ConfigNode::Kind::sequence)) return;
    for (std::size_t i = 0; i < node.items.size(); ++i)
      FieldType<T>::read(place.item(i), node.items[i], rule, out.emplace_back());
  }
  static ConfigNode write(const std::vector<T>& value) {
    ConfigNode node = ConfigNode::sequence();
    for (const T& item : value) node.items.push_back(FieldType<T>::write(item));
    return node;
  }
};

template <class T>
struct FieldType<std::map<std::string, T>> {
  using Number = typename FieldType<T>::Number;
  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<Number>& rule,
                   std::map<std::string, T>& out) {
    out.clear();
    if (!place.expect(node, ConfigNode::Kind::map)) return;
    for (const ConfigEntry& entry : node.entries)
      FieldType<T>::read(place.child(entry.key, ""), entry.value, rule, out[entry.key]);
  }
  static ConfigNode write(const std::map<std::string, T>& value) {
    ConfigNode node = ConfigNode::map();
    for (const auto& [key, item] : value) node.add(key, FieldType<T>::write(item));
    return node;
  }
};

template <class T>
void add_limits(FieldRule<T>&) {}
template <class T, class... Rest>
void add_limits(FieldRule<T>& rule, RequiredField, Rest... rest) {
  rule.required = true;
  add_limits(rule, rest...);
}
template <class T, class V>
void add_limits(FieldRule<T>& rule, AtLeast<V> limit) {
  rule.min = static_cast<T>(limit.value);
}
template <class T, class V>
void add_limits(FieldRule<T>& rule, Above<V> limit) {
  rule.min = static_cast<T>(limit.value);
  rule.min_excluded = true;
}
template <class T>
void add_limits(FieldRule<T>& rule, std::type_identity_t<T> min, std::type_identity_t<T> max) {
  rule.min = min;
  rule.max = max;
}

/// A visitor of `fields` that reads each one from a map.
template <class Config>
class FieldReader {
 public:
  FieldReader(const FieldPlace& place, const ConfigNode& map, Config& out)
      : place_(place), map_(map), out_(out) {}

  template <class Owner, class T, class... Limits>
  void operator()(std::string_view name, T Owner::* member, std::string_view doc,
                  Limits... limits) {
    FieldRule<typename FieldType<T>::Number> rule;
    add_limits(rule, limits...);
    known_.emplace_back(name);
    const FieldPlace place = place_.child(name, doc);
    if (const ConfigNode* value = map_.find(name)) {
      FieldType<T>::read(place, *value, rule, out_.*member);
    } else if (rule.required) {
      place.missing(map_);
    }
  }
  void report_unknown_keys() const { place_.unknown_keys(map_, known_); }

 private:
  const FieldPlace& place_;
  const ConfigNode& map_;
  Config& out_;
  std::vector<std::string> known_;
};

/// A visitor of `fields` that writes each one to a map; empty optionals are left out.
template <class Config>
class FieldWriter {
 public:
  FieldWriter(const Config& config, ConfigNode& map) : config_(config), map_(map) {}

  template <class Owner, class T, class... Limits>
  void operator()(std::string_view name, T Owner::* member, std::string_view, Limits...) {
    ConfigNode value = FieldType<T>::write(config_.*member);
    if (!value.is(ConfigNode::Kind::null)) map_.add(std::string(name), std::move(value));
  }

 private:
  const Config& config_;
  ConfigNode& map_;
};

template <ConfigStruct T>
struct FieldType<T> {
  using Number = Unordered;
  static void read(const FieldPlace& place, const ConfigNode& node, const FieldRule<Unordered>&,
                   T& out) {
    if (!place.expect(node, ConfigNode::Kind::map)) return;
    FieldReader<T> reader(place, node, out);
    T::fields(reader);
    reader.report_unknown_keys();
  }
  static ConfigNode write(const T& value) {
    ConfigNode map = ConfigNode::map();
    T::fields(FieldWriter<T>(value, map));
    return map;
  }
};

/// Reads `node`, which stands at the dotted `path` ("" for a whole file), into a struct with `fields`; every fault is
/// appended to `faults`, and what could not be read keeps its default.
template <ConfigStruct T>
T read_config(const ConfigNode& node, std::vector<Fault>& faults, std::string path = {}) {
  T config{};
  FieldType<T>::read(FieldPlace(std::move(path), "", faults), node, {}, config);
  return config;
}

/// The same, but all faults are thrown as one ConfigError.
template <ConfigStruct T>
T read_config(const ConfigNode& node) {
  std::vector<Fault> faults;
  T config = read_config<T>(node, faults);
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return config;
}

/// The tree that reads back as `config`, defaults included. `to_yaml` makes it text.
template <ConfigStruct T>
ConfigNode write_config(const T& config) {
  return FieldType<T>::write(config);
}

}  // namespace plimsoll
