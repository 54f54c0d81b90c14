// XML text with places: what the readers of topology files share.
#pragma once

#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace plimsoll {

/// A parsed document that knows the line of each of its elements.
class XmlText {
 public:
  /// Throws ConfigError where the text is no XML.
  XmlText(std::string text, std::string source);
  XmlText(const XmlText&) = delete;

  pugi::xml_node root() const { return document_.document_element(); }
  Position at(pugi::xml_node node) const;
  const std::string& source() const { return source_; }

 private:
  Position at_offset(std::ptrdiff_t offset) const;

  std::string text_;
  std::string source_;
  std::vector<std::size_t> lines_;  ///< where each begins
  pugi::xml_document document_;
};

/// An attribute's text; empty when it is absent.
std::string_view attribute(pugi::xml_node node, const char* name);

/// An attribute that is a finite number from 0 up; nothing, and a fault, when it is anything else.
/// `units` may follow it.
std::optional<double> number_attribute(pugi::xml_node node, const char* name,
                                       const std::vector<std::string_view>& units,
                                       const Position& at, std::vector<Fault>& faults);

}  // namespace plimsoll
