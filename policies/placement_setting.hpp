// The setting `placement` of policies that choose an order and leave places to a placement rule.
#pragma once

#include <memory>

#include "policies/policy_config.hpp"
#include "policies/registry.hpp"

namespace plimsoll {

/// The rule that a setting names, with its own settings, from the context's registry, or from the built-in policies
/// where the context has none. Throws ConfigError where there is no such rule, or its settings are wrong.
std::unique_ptr<PlacementRule> make_placement(const PolicyConfig& chosen,
                                              const PolicyContext& context);

/// A rule that is copied by its clone().
class OwnedPlacement {
 public:
  OwnedPlacement(const PolicyConfig& chosen, const PolicyContext& context)
      : rule_(make_placement(chosen, context)) {}
  OwnedPlacement(const OwnedPlacement& other) : rule_(other.rule_->clone()) {}
  OwnedPlacement& operator=(const OwnedPlacement& other) {
    rule_ = other.rule_->clone();
    return *this;
  }
  OwnedPlacement(OwnedPlacement&&) = default;
  OwnedPlacement& operator=(OwnedPlacement&&) = default;
  ~OwnedPlacement() = default;

  PlacementRule* operator->() const { return rule_.get(); }

 private:
  std::unique_ptr<PlacementRule> rule_;
};

}  // namespace plimsoll
