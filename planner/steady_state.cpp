#include "planner/steady_state.hpp"

#include <algorithm>
#include <cmath>

namespace plimsoll {
namespace {

/// Time of the steps that prefill one prompt beside `decoding` sequences of `context` tokens in all.
double prefill_s(const ServingDeployment& deployment, std::int32_t prompt, std::int32_t decoding,
                 std::int64_t context) {
  const std::int32_t room = std::max(1, deployment.max_num_batched_tokens - decoding);
  double time = 0;
  for (std::int32_t done = 0; done < prompt;) {
    const PrefillChunk chunk{std::min(room, prompt - done), done};
    done += chunk.new_tokens;
    MixedBatch batch;
    batch.prefill = {&chunk, 1};
    batch.decode_sequences = decoding;
    batch.decode_context = context;
    batch.sampled_sequences = decoding + (done == prompt ? 1 : 0);
    time += seconds_from_ticks(deployment.step_time->mixed(batch));
  }
  return time;
}

}  // namespace

SteadyState steady_state(const ServingDeployment& deployment, const MeanRequest& request,
                         std::int32_t concurrency) {
  const std::int32_t ranks = deployment.parallelism.data;
  const std::int32_t sequences =
      std::min((concurrency + ranks - 1) / ranks, deployment.max_num_seqs);
  const double mean_context = request.prompt_tokens + request.output_tokens / 2;
  const auto context_of = [&](std::int32_t n) {
    return std::max<std::int64_t>(n, std::llround(n * mean_context));
  };
  const auto decode_s = [&](std::int32_t n) {
    const std::int64_t context = context_of(n);
    return seconds_from_ticks(deployment.step_time->decode(n, context).at(context));
  };
  const auto prompt = static_cast<std::int32_t>(std::lround(request.prompt_tokens));
  const std::int32_t others = sequences - 1;
  const double own_prefill =
      prefill_s(deployment, std::max(1, prompt), others, others == 0 ? 0 : context_of(others));
  SteadyState steady;
  steady.ttft_s = to_seconds(deployment.front_end) +
                  deployment.front_end_per_token_s * request.prompt_tokens + own_prefill;
  if (request.output_tokens <= 1) return steady;
  steady.tpot_s = decode_s(sequences);
  if (others == 0) return steady;
  // Each of the others is prefilled once in the life of a request, in steps that give it a token too.
  const double delay = std::max(0.0, own_prefill - decode_s(others)) * others;
  steady.tpot_s += delay / (request.output_tokens - 1);
  steady.ttft_s += decode_s(others) / 2;  // until the running step ends
  return steady;
}

}  // namespace plimsoll
