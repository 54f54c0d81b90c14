#include "planner/validation/anchor_choice.hpp"

#include <algorithm>
#include <tuple>

namespace plimsoll {

// Ordered by prompt tokens per output token and cut in halves: of the half that mostly decodes, the one at the lower
// quartile of clients, which shows a step's fixed cost; of the other half, the one at the upper quartile, which shows
// what prompts and full batches add. The extremes are left alone: the heaviest often run out of KV cache.
std::vector<std::size_t> choose_anchors(const std::vector<BenchLoad>& loads) {
  if (loads.size() < 3) return {};
  std::vector<std::size_t> order(loads.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto sort_by = [&](auto first, auto last, auto key) {
    std::stable_sort(first, last,
                     [&](std::size_t a, std::size_t b) { return key(loads[a]) < key(loads[b]); });
  };
  sort_by(order.begin(), order.end(), [](const BenchLoad& load) {
    return std::tuple(static_cast<double>(load.prompt_tokens) / load.output_tokens, load.clients,
                      load.output_tokens);
  });
  const auto by_clients = [](const BenchLoad& load) {
    return std::tuple(load.clients, load.prompt_tokens, load.output_tokens);
  };
  const std::size_t half = loads.size() / 2;
  const auto prompts = order.end() - static_cast<std::ptrdiff_t>(half);
  sort_by(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(half), by_clients);
  sort_by(prompts, order.end(), by_clients);
  return {order[half / 4], prompts[static_cast<std::ptrdiff_t>(3 * half / 4)]};
}

}  // namespace plimsoll
