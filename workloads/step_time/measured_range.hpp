// Up to where a deployment's laws and its anchor were measured, and what is said of a run that went further.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace plimsoll {

/// What replicas meet under load and measurements were made over. The first four are largest values over a run, of one
/// attention rank where there are several; the others are means over it.
enum class LoadQuantity : std::uint8_t {
  step_tokens,         ///< new tokens of one step
  sequences,           ///< of one step
  prompt_tokens,       ///< of one prompt, cached ones included
  context_tokens,      ///< of one sequence, prompt and answer
  requests_in_flight,  ///< per replica, over time
  mean_prompt_tokens,  ///< over requests
  mean_output_tokens,  ///< over requests
};

/// The values of a quantity that were measured, ends included.
struct MeasuredRange {
  LoadQuantity quantity = LoadQuantity::step_tokens;
  std::string subject;  ///< "prefill attention, nvidia_h100_sxm", "anchor"
  double least = 0;
  double most = std::numeric_limits<double>::infinity();
};

/// What a run met.
struct MetLoad {
  double step_tokens = 0;
  double sequences = 0;
  double prompt_tokens = 0;
  double context_tokens = 0;
  double requests_in_flight = 0;
  double mean_prompt_tokens = 0;
  double mean_output_tokens = 0;
  /// Of requests, or for `sequences` of the time in steps: the share above a value of the quantity; NaN: not known.
  std::function<double(LoadQuantity, double)> share_above{};

  double of(LoadQuantity quantity) const;
};

/// One sentence, beginning with "extrapolating: ", per range that the run left: the quantity, the value that was met,
/// the range, and what share was beyond it. Means are compared with a tenth of leeway: two draws of the same lengths
/// differ by chance. Ranges of one subject and quantity count once.
std::vector<std::string> left_ranges(std::span<const MeasuredRange> ranges, const MetLoad& met);

}  // namespace plimsoll
