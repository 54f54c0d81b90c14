#include "planner/validation/batch_time.hpp"

#include <algorithm>
#include <vector>

namespace plimsoll {
namespace {

/// The share of `total` that falls to one of `parts`, the remainder to the first ones.
std::int32_t share(std::int64_t total, std::int32_t parts, std::int32_t index) {
  return static_cast<std::int32_t>(total / parts + (index < total % parts ? 1 : 0));
}

}  // namespace

double decode_step_s(const ServingDeployment& deployment, std::int32_t sequences,
                     std::int64_t context) {
  return seconds_from_ticks(deployment.step_time->decode(sequences, context).at(context));
}

double mixed_step_s(const ServingDeployment& deployment, const EvenPrefill& prefill,
                    std::int32_t sequences, std::int64_t context) {
  if (prefill.prompts == 0) return decode_step_s(deployment, sequences, context);
  std::vector<PrefillChunk> chunks;
  for (std::int32_t i = 0; i < prefill.prompts; ++i)
    chunks.push_back({std::max(1, share(prefill.new_tokens, prefill.prompts, i)),
                      share(prefill.cached_tokens, prefill.prompts, i)});
  return seconds_from_ticks(
      deployment.step_time->mixed({.prefill = chunks,
                                   .decode_sequences = sequences,
                                   .decode_context = context,
                                   .sampled_sequences = sequences + prefill.prompts}));
}

}  // namespace plimsoll
