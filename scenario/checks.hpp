// What makes a scenario wrong although each of its fields is right, as far as no catalogue is needed to tell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/node.hpp"
#include "scenario/scenario.hpp"

namespace plimsoll {

/// Reports faults at the places of fields, given by dotted paths.
class FieldFaults {
 public:
  FieldFaults(const ConfigNode& root, std::vector<Fault>& faults) : root_(root), faults_(faults) {}

  /// `<place of the field>: <path> <message>`
  void add(const std::string& path, std::string_view message) const;
  /// `<place of the field>: <path>: unknown <what> "<name>". Did you mean ...` unless `name` is known; reports
  /// nothing of an empty one, whose absence has been reported. True when it is known.
  bool check_name(const std::string& path, std::string_view what, const std::string& name,
                  const std::vector<std::string>& known) const;
  Position place(const std::string& path) const { return position_of(root_, path); }
  const ConfigNode& root() const { return root_; }
  std::vector<Fault>& list() const { return faults_; }

 private:
  const ConfigNode& root_;
  std::vector<Fault>& faults_;
};

void check_scenario(const Scenario& scenario, const FieldFaults& faults);

}  // namespace plimsoll
