// A value of a JSON file together with where it stands, so that whatever is wrong with it can be said with its place.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/error.hpp"

namespace plimsoll {

/// The whole text of a file, plain or zstd. Throws as ByteFile does.
std::string read_text(const std::string& path);

/// Throws ConfigError with line and column for text that is no JSON ("NaN" is none).
nlohmann::json parse_json(const std::string& text, const std::string& path);

/// Refers to a document that outlives it.
class JsonPlace {
 public:
  JsonPlace(const nlohmann::json& document, std::string path)
      : value_(&document), file_(std::move(path)) {}

  const nlohmann::json& value() const { return *value_; }
  bool is_null() const { return value_->is_null(); }
  std::size_t size() const { return value_->size(); }

  /// The member of the first of these names that is there. Throws when there is none, naming all.
  JsonPlace at(std::initializer_list<const char*> names) const;
  JsonPlace at(const char* name) const { return at({name}); }
  /// The same, or nothing where there is none or it is null.
  std::optional<JsonPlace> find(std::initializer_list<const char*> names) const;
  std::optional<JsonPlace> find(const char* name) const { return find({name}); }
  /// An element of an array; throws unless this is one that long.
  JsonPlace element(std::size_t index) const;

  /// Throws unless it is an array.
  const JsonPlace& array() const;
  /// A finite number of at least `least`; a number as text counts too. Throws otherwise.
  double number(double least) const;
  /// A whole number in [least, 2^31).
  std::int32_t count(std::int32_t least) const;
  std::string text() const;

  /// "results.json: benchmarks[2].config: " and the message.
  [[noreturn]] void refuse(const std::string& message) const;

 private:
  JsonPlace(const JsonPlace& parent, const nlohmann::json& value, const std::string& step);

  const nlohmann::json* value_;
  std::string file_;
  std::string path_;
};

}  // namespace plimsoll
