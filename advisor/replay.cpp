#include "advisor/replay.hpp"

#include <fmt/format.h>

#include <istream>
#include <map>
#include <ostream>

#include "core/config/suggest.hpp"
#include "core/config/yaml.hpp"
#include "core/error.hpp"
#include "policies/recording.hpp"

namespace plimsoll {
namespace {

/// One pool of a recording: the policy that advises it and the view that it sees.
struct AdvisedPool {
  std::unique_ptr<RoutingPolicy> policy;
  ClusterView view;
  std::map<std::string, std::uint32_t, std::less<>> rows;
};

class Replay final : public RecordingVisitor {
 public:
  Replay(const PolicyRegistry& registry, const std::string& source, std::ostream& output)
      : registry_(registry), source_(source), output_(output) {}

  void read(std::string_view line) {
    ++line_;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
    read_recording_line(line, source_, line_, *this);
  }

  void begin(const RecordingBegin& begin) override {
    const RoutingPolicyEntry* entry = registry_.routing(begin.policy);
    if (entry == nullptr) {
      fail(unknown_name("routing policy", begin.policy, registry_.routing_names()));
    }
    AdvisedPool pool;
    const ConfigNode settings =
        begin.settings.empty()
            ? ConfigNode::map()
            : parse_yaml(begin.settings, fmt::format("{}:{}: settings", source_, line_));
    pool.policy = entry->make({begin.seed, begin.instance}, settings);
    pool.view = ClusterView(begin.replicas);
    for (std::uint32_t row = 0; row < begin.replicas.size(); ++row) {
      if (!pool.rows.emplace(begin.replicas[row], row).second) {
        fail(fmt::format("replica \"{}\" is named twice", begin.replicas[row]));
      }
    }
    if (!pools_.emplace(begin.pool, std::move(pool)).second) {
      fail(fmt::format("pool \"{}\" begins twice", begin.pool));
    }
  }

  void change(std::string_view pool, std::string_view replica, const ReplicaRow& row) override {
    AdvisedPool& advised = find(pool);
    const auto found = advised.rows.find(replica);
    if (found == advised.rows.end()) {
      fail(unknown_name("replica", replica, advised.view.names()));
    }
    advised.view.set(found->second, row);
  }

  void decision(std::string_view pool, const RequestView& request) override {
    AdvisedPool& advised = find(pool);
    const Route route = advised.policy->route(advised.view, request);
    if (route.replica >= advised.view.size()) fail("the policy named a replica that is not there");
    std::string text;
    write_decision(text, pool, request, advised.view.names()[route.replica]);
    output_ << text;
  }

 private:
  AdvisedPool& find(std::string_view pool) {
    const auto found = pools_.find(pool);
    if (found == pools_.end()) {
      fail(fmt::format("pool \"{}\" has no \"begin\" line before this one", pool));
    }
    return found->second;
  }

  [[noreturn]] void fail(std::string message) const {
    throw ConfigError({source_, line_, 1}, std::move(message));
  }

  const PolicyRegistry& registry_;
  const std::string& source_;
  std::ostream& output_;
  int line_ = 0;
  std::map<std::string, AdvisedPool, std::less<>> pools_;
};

}  // namespace

void replay_recording(std::istream& input, const std::string& source,
                      const PolicyRegistry& registry, std::ostream& output) {
  Replay replay(registry, source, output);
  std::string line;
  while (std::getline(input, line)) replay.read(line);
}

}  // namespace plimsoll
