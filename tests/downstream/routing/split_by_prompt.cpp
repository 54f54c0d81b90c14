// Keeps the last quarter of the replicas for long prompts, so that short requests never queue behind a long prefill;
// within its part a request goes to the replica with the fewest requests in flight. One replica serves everything.
#include <memory>

#include "policies/registry.hpp"

namespace {

class SplitByPrompt final : public plimsoll::RoutingPolicy {
 public:
  struct Config {
    std::int32_t long_prompt_tokens = 4096;

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("long_prompt_tokens", &Config::long_prompt_tokens,
            "Prompts of so many tokens are long.", 1, 10'000'000);
    }
  };
  SplitByPrompt(Config config, const plimsoll::PolicyContext&) : config_(config) {}

  plimsoll::ViewColumns columns() const override { return plimsoll::ViewColumns::in_flight; }

  plimsoll::Route route(const plimsoll::ClusterView& view,
                        const plimsoll::RequestView& request) override {
    const std::uint32_t split = view.size() - view.size() / 4;
    const bool is_long = request.prompt_tokens >= config_.long_prompt_tokens && split < view.size();
    return {is_long ? least(view, split, view.size()) : least(view, 0, split)};
  }

  std::unique_ptr<plimsoll::RoutingPolicy> clone() const override {
    return std::make_unique<SplitByPrompt>(*this);
  }

 private:
  static std::uint32_t least(const plimsoll::ClusterView& view, std::uint32_t begin,
                             std::uint32_t end) {
    std::uint32_t best = begin;
    for (std::uint32_t row = begin + 1; row < end; ++row) {
      if (view.replica(row).in_flight < view.replica(best).in_flight) best = row;
    }
    return best;
  }

  Config config_;
};

}  // namespace

PLIMSOLL_ROUTING_POLICY(split_by_prompt, SplitByPrompt,
                        "Long prompts on a quarter of the replicas, short ones on the rest.")
