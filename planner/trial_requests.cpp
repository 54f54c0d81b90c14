#include "planner/trial_requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/error.hpp"

namespace plimsoll {

void check_requests(std::span<const TrialRequest> requests, std::int32_t concurrency,
                    std::int64_t longest) {
  const Position at{"trial"};
  if (concurrency < 0)
    throw ConfigError(at, fmt::format("concurrency = {} is below 0 (open loop).", concurrency));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const TrialRequest& request = requests[i];
    const auto refuse = [&](const std::string& fault) {
      throw ConfigError(at, fmt::format("request {} {}", i, fault));
    };
    if (request.prompt_tokens < 1 || request.output_tokens < 1)
      refuse(fmt::format("has {} prompt and {} output tokens; both are at least 1.",
                         request.prompt_tokens, request.output_tokens));
    if (std::int64_t{request.prompt_tokens} + request.output_tokens > longest)
      refuse(fmt::format("has {} + {} tokens, but what is deployed serves {} at most.",
                         request.prompt_tokens, request.output_tokens, longest));
    if (request.prefix_tokens < 0 || request.prefix_tokens > request.prompt_tokens)
      refuse(fmt::format("shares {} of {} prompt tokens.", request.prefix_tokens,
                         request.prompt_tokens));
    if (concurrency == 0 && request.at < (i == 0 ? SimTime{} : requests[i - 1].at))
      refuse("is sent before the one that precedes it.");
  }
}

std::int64_t longest_served(const ServingDeployment& deployment) {
  return std::min<std::int64_t>(deployment.max_model_len,
                                deployment.kv_blocks * deployment.block_size);
}

namespace {

/// The ids of the longest prefix: those of shorter ones are its beginning. Null where nothing is shared.
std::shared_ptr<const PrefixBlocks> longest_prefix(const ServingDeployment& deployment,
                                                   std::span<const TrialRequest> requests) {
  std::int32_t longest = 0;
  for (const TrialRequest& request : requests) longest = std::max(longest, request.prefix_tokens);
  if (longest < deployment.block_size) return nullptr;
  PrefixBlocks blocks;
  blocks.block_tokens = deployment.block_size;
  blocks.ids.resize(static_cast<std::size_t>(longest / deployment.block_size));
  std::iota(blocks.ids.begin(), blocks.ids.end(), 0u);
  return std::make_shared<const PrefixBlocks>(std::move(blocks));
}

}  // namespace

TrialPrefixes::TrialPrefixes(const ServingDeployment& deployment,
                             std::span<const TrialRequest> requests,
                             std::shared_ptr<const PrefixBlocks> blocks)
    : given_(blocks != nullptr) {
  if (!deployment.prefix_caching) return;
  blocks_ = given_ ? std::move(blocks) : longest_prefix(deployment, requests);
}

PrefixSpan TrialPrefixes::of(const TrialRequest& request) const {
  if (!blocks_) return {};
  if (given_) return request.prefix;
  return {0, static_cast<std::uint32_t>(request.prefix_tokens / blocks_->block_tokens)};
}

}  // namespace plimsoll
