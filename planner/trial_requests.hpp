// What the requests of all trials have in common: their checks, and what their prompts share.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "planner/serving_trial.hpp"

namespace plimsoll {

/// ConfigError on a negative concurrency, on a request without tokens, of more than `longest` tokens or that shares
/// more than its prompt, and on one of an open loop (concurrency 0) that is sent before its predecessor.
void check_requests(std::span<const TrialRequest> requests, std::int32_t concurrency,
                    std::int64_t longest);

/// Prompt and answer of the longest request that the deployment serves, tokens.
std::int64_t longest_served(const ServingDeployment& deployment);

/// What the prefixes of a trial's requests point into.
class TrialPrefixes {
 public:
  /// `blocks` where TrialRequest::prefix counts; null: prefix_tokens do, as beginnings of one sequence of ids.
  TrialPrefixes(const ServingDeployment& deployment, std::span<const TrialRequest> requests,
                std::shared_ptr<const PrefixBlocks> blocks);

  /// Null where nothing is found again.
  const std::shared_ptr<const PrefixBlocks>& blocks() const { return blocks_; }
  PrefixSpan of(const TrialRequest& request) const;

 private:
  bool given_;
  std::shared_ptr<const PrefixBlocks> blocks_;
};

}  // namespace plimsoll
