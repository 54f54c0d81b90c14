#include "traces/shared_prefixes.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/assert.hpp"
#include "core/portable_math.hpp"

namespace plimsoll {

SharedPrefixes::SharedPrefixes(const SharedPrefixLaw& law, const RandomStream& stream)
    : law_(law), stream_(stream) {
  const std::int64_t each = law.tokens / kBlockTokens;
  PLIMSOLL_ASSERT(law.groups > 0 && law.groups * each <= kMostBlocks, "{} prefixes of {} blocks",
                  law.groups, each);
  PrefixBlocks blocks;
  blocks.block_tokens = kBlockTokens;
  blocks.ids.resize(static_cast<std::size_t>(law.groups * each));
  std::iota(blocks.ids.begin(), blocks.ids.end(), 0u);
  blocks_ = std::make_shared<const PrefixBlocks>(std::move(blocks));
  double weight = 0;
  for (std::int64_t k = 1; k <= law.groups; ++k) {
    weight += portable::pow(static_cast<double>(k), -law.zipf);
    cumulative_.push_back(weight);
  }
}

void SharedPrefixes::apply(std::uint64_t index, Arrival& arrival) const {
  const auto [whether, which] = stream_.block(index);
  if (unit_interval(whether) >= law_.share) return;
  const double wanted = unit_interval(which) * cumulative_.back();
  const auto found = std::lower_bound(cumulative_.begin(), cumulative_.end(), wanted);
  const auto group = static_cast<std::uint32_t>(found - cumulative_.begin());
  const auto each = static_cast<std::uint32_t>(law_.tokens / kBlockTokens);
  arrival.prompt_tokens += law_.tokens;
  arrival.prefix = {group * each, each};
}

}  // namespace plimsoll
