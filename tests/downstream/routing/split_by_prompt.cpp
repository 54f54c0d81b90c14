// Keeps the last quarter of the replicas for long prompts, so that short requests never queue behind a long prefill;
// within its part a request goes to the replica with the fewest requests in flight. One replica serves everything.
#include <memory>

#include "policies/registry.hpp"

namespace {

constexpr std::int32_t kLongPromptTokens = 4096;

class SplitByPrompt final : public plimsoll::RoutingPolicy {
 public:
  explicit SplitByPrompt(const plimsoll::PolicyContext&) {}

  plimsoll::ViewColumns columns() const override { return plimsoll::ViewColumns::in_flight; }

  plimsoll::Route route(const plimsoll::ClusterView& view,
                        const plimsoll::RequestView& request) override {
    const std::uint32_t split = view.size() - view.size() / 4;
    const bool is_long = request.prompt_tokens >= kLongPromptTokens && split < view.size();
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
};

}  // namespace

PLIMSOLL_ROUTING_POLICY(split_by_prompt, SplitByPrompt,
                        "Long prompts on a quarter of the replicas, short ones on the rest.")
