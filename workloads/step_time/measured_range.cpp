#include "workloads/step_time/measured_range.hpp"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <utility>

namespace plimsoll {
namespace {

constexpr double kLeewayOfMeans = 0.1;

bool is_mean(LoadQuantity quantity) { return quantity >= LoadQuantity::requests_in_flight; }

/// Four significant digits of a mean; counts are whole.
std::string shown(LoadQuantity quantity, double value) {
  return is_mean(quantity) && value < 1000 ? fmt::format("{:.4g}", value)
                                           : fmt::format("{:.0f}", value);
}

std::string met_text(LoadQuantity quantity, const std::string& value) {
  switch (quantity) {
    case LoadQuantity::step_tokens:
      return fmt::format("steps of up to {} tokens", value);
    case LoadQuantity::sequences:
      return fmt::format("steps of up to {} sequences", value);
    case LoadQuantity::prompt_tokens:
      return fmt::format("prompts of up to {} tokens", value);
    case LoadQuantity::context_tokens:
      return fmt::format("contexts of up to {} tokens", value);
    case LoadQuantity::requests_in_flight:
      return fmt::format("{} requests in flight per replica on average", value);
    case LoadQuantity::mean_prompt_tokens:
      return fmt::format("prompts of {} tokens on average", value);
    case LoadQuantity::mean_output_tokens:
      return fmt::format("answers of {} tokens on average", value);
  }
  return "";
}

std::string range_text(const MeasuredRange& range) {
  const std::string most = shown(range.quantity, range.most);
  if (!is_mean(range.quantity)) return "up to " + most;
  if (range.least == range.most) return "at " + most;
  return fmt::format("from {} to {}", shown(range.quantity, range.least), most);
}

std::string share_text(const MeasuredRange& range, const MetLoad& met) {
  if (!met.share_above || is_mean(range.quantity)) return "";
  const double share = met.share_above(range.quantity, range.most);
  if (std::isnan(share)) return "";
  const char* whole =
      range.quantity == LoadQuantity::sequences ? "the time in steps" : "the requests";
  return share < 1e-3 ? fmt::format("; less than 0.1 % of {} beyond", whole)
                      : fmt::format("; {:.1f} % of {} beyond", 100 * share, whole);
}

bool within(const MeasuredRange& range, double value) {
  const double leeway = is_mean(range.quantity) ? kLeewayOfMeans : 0;
  return value <= range.most * (1 + leeway) && value >= range.least * (1 - leeway);
}

}  // namespace

double MetLoad::of(LoadQuantity quantity) const {
  switch (quantity) {
    case LoadQuantity::step_tokens:
      return step_tokens;
    case LoadQuantity::sequences:
      return sequences;
    case LoadQuantity::prompt_tokens:
      return prompt_tokens;
    case LoadQuantity::context_tokens:
      return context_tokens;
    case LoadQuantity::requests_in_flight:
      return requests_in_flight;
    case LoadQuantity::mean_prompt_tokens:
      return mean_prompt_tokens;
    case LoadQuantity::mean_output_tokens:
      return mean_output_tokens;
  }
  return 0;
}

std::vector<std::string> left_ranges(std::span<const MeasuredRange> ranges, const MetLoad& met) {
  std::vector<std::string> sentences;
  std::set<std::pair<LoadQuantity, std::string>> said;
  for (const MeasuredRange& range : ranges) {
    const double value = met.of(range.quantity);
    if (within(range, value) || !said.emplace(range.quantity, range.subject).second) continue;
    sentences.push_back(fmt::format("extrapolating: {}; measured {} ({}){}.",
                                    met_text(range.quantity, shown(range.quantity, value)),
                                    range_text(range), range.subject, share_text(range, met)));
  }
  return sentences;
}

}  // namespace plimsoll
