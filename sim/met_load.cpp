#include "sim/met_load.hpp"

#include <algorithm>
#include <limits>

namespace plimsoll {
namespace {

bool served(const RequestFact& request) { return request.status != RequestStatus::rejected; }

/// The share of the requests for which `tokens(request)` is above `most`.
template <class Tokens>
double share_of_requests(std::span<const RequestFact> requests, double most, Tokens&& tokens) {
  const auto beyond = std::count_if(requests.begin(), requests.end(), [&](const RequestFact& each) {
    return served(each) && static_cast<double>(tokens(each)) > most;
  });
  const auto all = std::count_if(requests.begin(), requests.end(), served);
  return static_cast<double>(beyond) / static_cast<double>(all);
}

/// The share of the time in iterations with more than `most` sequences.
double share_of_time(std::span<const ReplicaFact> replicas, double most) {
  double beyond = 0;
  double all = 0;
  for (const ReplicaFact& replica : replicas) {
    for (std::size_t n = 0; n < replica.busy_ns.size(); ++n) {
      all += static_cast<double>(replica.busy_ns[n]);
      if (static_cast<double>(n) > most) beyond += static_cast<double>(replica.busy_ns[n]);
    }
  }
  return beyond / all;
}

double share_above(const ServedLoad& load, LoadQuantity quantity, double most) {
  switch (quantity) {
    case LoadQuantity::prompt_tokens:
      return share_of_requests(load.requests, most,
                               [](const RequestFact& each) { return each.prompt_tokens; });
    case LoadQuantity::context_tokens:  // the last token is not fed back
      return share_of_requests(load.requests, most, [](const RequestFact& each) {
        return std::int64_t{each.prompt_tokens} + each.output_tokens - 1;
      });
    case LoadQuantity::sequences:
      if (load.one_rank) return share_of_time(load.replicas, most);
      break;
    default:
      break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

double mean_in_flight(std::span<const RequestFact> requests, ServedPart part, std::size_t replicas,
                      std::int64_t end_ns) {
  double inside_ns = 0;
  for (const RequestFact& request : requests) {
    if (!served(request)) continue;
    const std::int64_t finish = request.finish_ns == kNoTime ? end_ns : request.finish_ns;
    const std::int64_t first = request.first_token_ns == kNoTime ? finish : request.first_token_ns;
    const std::int64_t from = part == ServedPart::from_first_token ? first : request.arrival_ns;
    const std::int64_t to = part == ServedPart::until_first_token ? first : finish;
    inside_ns += static_cast<double>(to - from);
  }
  return end_ns > 0 ? inside_ns / static_cast<double>(end_ns) / static_cast<double>(replicas) : 0;
}

std::vector<std::string> left_ranges(std::span<const MeasuredRange> measured,
                                     const ServedLoad& load) {
  MetLoad met;
  for (const ReplicaFact& replica : load.replicas) {
    const auto raise = [](double& most, std::uint64_t value) {
      most = std::max(most, static_cast<double>(value));
    };
    raise(met.step_tokens, replica.most_step_tokens);
    raise(met.sequences, replica.most_step_sequences);
    raise(met.prompt_tokens, replica.longest_prompt);
    raise(met.context_tokens, replica.longest_context);
  }
  double count = 0;
  for (const RequestFact& request : load.requests) {
    if (!served(request)) continue;
    ++count;
    met.mean_prompt_tokens += request.prompt_tokens;
    met.mean_output_tokens += request.output_tokens;
  }
  if (count == 0) return {};
  met.mean_prompt_tokens /= count;
  met.mean_output_tokens /= count;
  met.requests_in_flight = load.requests_in_flight;
  met.share_above = [&](LoadQuantity quantity, double most) {
    return share_above(load, quantity, most);
  };
  return left_ranges(measured, met);
}

}  // namespace plimsoll
