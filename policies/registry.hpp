// The policies of a run, by kind and name. A value, not a singleton: a program makes one and may add its own.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policies/routing_policy.hpp"

namespace plimsoll {

/// What a policy instance is told at birth: where its random draws come from.
struct PolicyContext {
  std::uint64_t seed = 0;
  std::string instance;  ///< stable path, e.g. "pools/chat/gateway"
};

/// One registered routing policy.
struct RoutingPolicyEntry {
  std::string name;  ///< the file's name
  std::string doc;   ///< one sentence for `plimsoll policies`
  std::function<std::unique_ptr<RoutingPolicy>(const PolicyContext&)> make;
};

class PolicyRegistry {
 public:
  void add_routing(RoutingPolicyEntry entry);
  /// nullptr when there is none of that name.
  const RoutingPolicyEntry* routing(std::string_view name) const;
  /// Sorted by name.
  std::vector<std::string> routing_names() const;

 private:
  std::map<std::string, RoutingPolicyEntry, std::less<>> routing_;
};

/// All policies of policies/, from the table that the build writes.
PolicyRegistry builtin_policies();

}  // namespace plimsoll

/// Ends the file of a routing policy: PLIMSOLL_ROUTING_POLICY(least_request, LeastRequest, "one sentence").
/// `Class` has a constructor from `const PolicyContext&`. The symbol carries folder and file name, so a forgotten or
/// misspelt line is a link error that says which.
#define PLIMSOLL_ROUTING_POLICY(file_name, Class, doc)                                        \
  void plimsoll_register_routing_##file_name(plimsoll::PolicyRegistry& registry);             \
  void plimsoll_register_routing_##file_name(plimsoll::PolicyRegistry& registry) {            \
    registry.add_routing({#file_name, doc, [](const plimsoll::PolicyContext& context) {       \
                            return std::make_unique<Class>(context);                          \
                          }});                                                                \
  }
