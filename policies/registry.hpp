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
#include "policies/rule_in_order.hpp"
#include "policies/scheduling_policy.hpp"

namespace plimsoll {

class PolicyRegistry;

/// What a policy instance is told at birth: where its random draws come from.
struct PolicyContext {
  std::uint64_t seed = 0;
  std::string instance;                      ///< stable path, e.g. "pools/chat/gateway"
  const PolicyRegistry* registry = nullptr;  ///< for policies whose settings name others
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

/// One registered scheduling policy: a scheduler, or a placement rule, which then also works as one (rule_in_order).
struct SchedulingPolicyEntry {
  std::string name;
  std::string doc;
  std::vector<PolicySetting> settings;
  std::function<std::unique_ptr<SchedulingPolicy>(const PolicyContext&, const ConfigNode& chosen)>
      create;
  /// Empty unless it is a placement rule.
  std::function<std::unique_ptr<PlacementRule>(const PolicyContext&, const ConfigNode& chosen)>
      create_rule;

  std::unique_ptr<SchedulingPolicy> make(const PolicyContext& context,
                                         const ConfigNode& chosen = ConfigNode::map()) const {
    return create(context, chosen);
  }
  std::unique_ptr<PlacementRule> make_rule(const PolicyContext& context,
                                           const ConfigNode& chosen = ConfigNode::map()) const {
    return create_rule(context, chosen);
  }
};

/// The entry of a policy class: constructed from (Config, context) where it has a `Config`, else from the context.
template <class Policy>
RoutingPolicyEntry routing_policy_entry(std::string name, std::string doc);
template <class Policy>
SchedulingPolicyEntry scheduling_policy_entry(std::string name, std::string doc);

class PolicyRegistry {
 public:
  void add_routing(RoutingPolicyEntry entry);
  /// nullptr when there is none of that name.
  const RoutingPolicyEntry* routing(std::string_view name) const;
  /// Sorted by name.
  std::vector<std::string> routing_names() const;

  void add_scheduling(SchedulingPolicyEntry entry);
  /// nullptr when there is none of that name.
  const SchedulingPolicyEntry* scheduling(std::string_view name) const;
  /// Sorted by name.
  std::vector<std::string> scheduling_names() const;

 private:
  std::map<std::string, RoutingPolicyEntry, std::less<>> routing_;
  std::map<std::string, SchedulingPolicyEntry, std::less<>> scheduling_;
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

/// The settings of a policy class, listed for people.
template <class Policy>
std::vector<PolicySetting> settings_of() {
  std::vector<PolicySetting> settings;
  PolicySettings<Policy>::type::fields(SettingLister{settings});
  return settings;
}

/// A policy from what a configuration chose. Throws ConfigError with all faults.
template <class Policy>
std::unique_ptr<Policy> make_policy(const PolicyContext& context, const ConfigNode& chosen,
                                    std::string_view kind) {
  using Settings = typename PolicySettings<Policy>::type;
  std::vector<Fault> faults;
  Settings config = read_config<Settings>(chosen, faults, std::string(kind));
  if (!faults.empty()) throw ConfigError(std::move(faults));
  if constexpr (std::is_same_v<Settings, NoPolicySettings>) {
    return std::make_unique<Policy>(context);
  } else {
    return std::make_unique<Policy>(std::move(config), context);
  }
}

}  // namespace detail

template <class Policy>
RoutingPolicyEntry routing_policy_entry(std::string name, std::string doc) {
  return {
      std::move(name), std::move(doc), detail::settings_of<Policy>(),
      [](const PolicyContext& context, const ConfigNode& chosen) -> std::unique_ptr<RoutingPolicy> {
        return detail::make_policy<Policy>(context, chosen, "policies.routing");
      }};
}

template <class Policy>
SchedulingPolicyEntry scheduling_policy_entry(std::string name, std::string doc) {
  static constexpr std::string_view kKind = "policies.scheduling";
  SchedulingPolicyEntry entry{
      std::move(name), std::move(doc), detail::settings_of<Policy>(), {}, {}};
  if constexpr (std::is_base_of_v<PlacementRule, Policy>) {
    entry.create_rule = [](const PolicyContext& context,
                           const ConfigNode& chosen) -> std::unique_ptr<PlacementRule> {
      return detail::make_policy<Policy>(context, chosen, kKind);
    };
    entry.create = [](const PolicyContext& context, const ConfigNode& chosen) {
      return rule_in_order(detail::make_policy<Policy>(context, chosen, kKind));
    };
  } else {
    entry.create = [](const PolicyContext& context,
                      const ConfigNode& chosen) -> std::unique_ptr<SchedulingPolicy> {
      return detail::make_policy<Policy>(context, chosen, kKind);
    };
  }
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

/// Ends the file of a scheduler or of a placement rule: PLIMSOLL_SCHEDULING_POLICY(best_fit, BestFit, "one sentence").
#define PLIMSOLL_SCHEDULING_POLICY(file_name, Class, doc)                               \
  void plimsoll_register_scheduling_##file_name(plimsoll::PolicyRegistry& registry);    \
  void plimsoll_register_scheduling_##file_name(plimsoll::PolicyRegistry& registry) {   \
    registry.add_scheduling(plimsoll::scheduling_policy_entry<Class>(#file_name, doc)); \
  }
