// The policies of a run, by kind and name. A value, not a singleton: a program makes one and may add its own.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/config/fields.hpp"
#include "policies/routing_policy.hpp"

namespace plimsoll {

/// What a policy instance is told at birth: where its random draws come from.
struct PolicyContext {
  std::uint64_t seed = 0;
  std::string instance;  ///< stable path, e.g. "pools/chat/gateway"
};

/// A setting of a policy, for people: from its field list.
struct PolicySetting {
  std::string name;
  std::string doc;
};

/// One registered routing policy.
struct RoutingPolicyEntry {
  std::string name;  ///< the file's name
  std::string doc;   ///< one sentence for `plimsoll policies`
  std::vector<PolicySetting> settings;
  std::function<std::unique_ptr<RoutingPolicy>(const PolicyContext&, const ConfigNode& chosen)>
      create;

  /// `chosen` is a map for the policy's field list. Throws ConfigError with all faults of it.
  std::unique_ptr<RoutingPolicy> make(const PolicyContext& context,
                                      const ConfigNode& chosen = ConfigNode::map()) const {
    return create(context, chosen);
  }
};

/// The entry of a policy class: constructed from (Config, context) where it has a `Config`, else from the context.
template <class Policy>
RoutingPolicyEntry routing_policy_entry(std::string name, std::string doc);

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

namespace detail {

struct NoPolicySettings {
  template <class Visit>
  static void fields(Visit&&) {}
};
template <class Policy>
struct PolicySettings {
  using type = NoPolicySettings;
};
template <class Policy>
  requires requires { typename Policy::Config; }
struct PolicySettings<Policy> {
  using type = typename Policy::Config;
};

/// A visitor of `fields` that lists them.
struct SettingLister {
  std::vector<PolicySetting>& settings;
  template <class Owner, class T, class... Limits>
  void operator()(std::string_view name, T Owner::*, std::string_view doc, Limits...) const {
    settings.push_back({std::string(name), std::string(doc)});
  }
};

}  // namespace detail

template <class Policy>
RoutingPolicyEntry routing_policy_entry(std::string name, std::string doc) {
  using Settings = typename detail::PolicySettings<Policy>::type;
  RoutingPolicyEntry entry{std::move(name), std::move(doc), {}, {}};
  Settings::fields(detail::SettingLister{entry.settings});
  entry.create = [](const PolicyContext& context,
                    const ConfigNode& settings) -> std::unique_ptr<RoutingPolicy> {
    std::vector<Fault> faults;
    Settings config = read_config<Settings>(settings, faults, "policies.routing");
    if (!faults.empty()) throw ConfigError(std::move(faults));
    if constexpr (std::is_same_v<Settings, detail::NoPolicySettings>) {
      return std::make_unique<Policy>(context);
    } else {
      return std::make_unique<Policy>(std::move(config), context);
    }
  };
  return entry;
}

}  // namespace plimsoll

/// Ends the file of a routing policy: PLIMSOLL_ROUTING_POLICY(least_request, LeastRequest, "one sentence").
/// The symbol carries folder and file name, so a forgotten or misspelt line is a link error that says which.
#define PLIMSOLL_ROUTING_POLICY(file_name, Class, doc)                             \
  void plimsoll_register_routing_##file_name(plimsoll::PolicyRegistry& registry);  \
  void plimsoll_register_routing_##file_name(plimsoll::PolicyRegistry& registry) { \
    registry.add_routing(plimsoll::routing_policy_entry<Class>(#file_name, doc));  \
  }
