// A synthetic trace as `plimsoll trace synthesize` makes it: the settings, and the arrivals that they describe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/config/fields.hpp"
#include "traces/synthetic.hpp"

namespace plimsoll {

/// A recipe: a YAML file such as traces/synthetic/chat_1h.yaml, or options of the command.
struct SynthesisConfig {
  PerSecond rate{};
  double shape = 1;
  double rate_cv = 0;
  Duration rate_window{60'000'000'000};
  std::string lengths;
  Duration duration{};
  std::uint64_t seed = 0;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("rate", &SynthesisConfig::rate, "Mean rate of requests.", required, above(PerSecond{0}));
    visit("shape", &SynthesisConfig::shape,
          "Shape of the gamma law between arrivals: 1 is Poisson, less is burstier.", 0.01, 100.0);
    visit("rate_cv", &SynthesisConfig::rate_cv,
          "Coefficient of variation of the rate between rate windows.", 0.0, 10.0);
    visit("rate_window", &SynthesisConfig::rate_window, "How long a rate lasts.",
          at_least(Duration{1'000'000}));
    visit("lengths", &SynthesisConfig::lengths,
          "Quantile table of the lengths: a name of traces/quantiles, or a path.", required);
    visit("duration", &SynthesisConfig::duration, "How long the trace is.", required,
          above(Duration{0}));
    visit("seed", &SynthesisConfig::seed, "Chooses the random draws.");
  }
};

/// The arrivals of a recipe; `lengths` is what `config.lengths` names. write_trace makes a file of them.
SyntheticStream synthesize(const SynthesisConfig& config,
                           std::shared_ptr<const LengthTables> lengths);

}  // namespace plimsoll
