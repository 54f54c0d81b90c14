// Where a pool's requests come from, as a scenario says it: `pools.<name>.workload`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/config/fields.hpp"
#include "core/quantity.hpp"
#include "core/time.hpp"

namespace plimsoll {

inline constexpr Duration kHour{3'600'000'000'000};

/// `workload.trace`: the requests of a recorded file.
struct TraceConfig {
  std::string format;
  std::string path;  ///< as written; ResolvedPool::trace is where it leads

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("format", &TraceConfig::format, "Format of the trace file.", required);
    visit("path", &TraceConfig::path, "Trace file, relative to the file that names it.", required);
  }
};

/// `workload.synthetic.prefix`: prompts that begin alike, with the system prompt of one of several applications.
struct SharedPrefixConfig {
  std::int32_t groups = 1;
  std::int32_t tokens = 0;
  double share = 1.0;
  double zipf = 1.0;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("groups", &SharedPrefixConfig::groups, "Number of different prefixes.", 1, 1'000'000);
    visit("tokens", &SharedPrefixConfig::tokens,
          "Length of each, before the drawn length of the prompt.", required, 1, 1'000'000);
    visit("share", &SharedPrefixConfig::share, "Share of the requests that begin with one.", 0.0,
          1.0);
    visit("zipf", &SharedPrefixConfig::zipf,
          "Exponent of Zipf's law of which prefix it is; 0: each as often.", 0.0, 10.0);
  }
};

/// `workload.synthetic`: a gamma renewal process with a slowly varying rate, lengths from quantile tables.
struct SyntheticConfig {
  PerSecond rate{1};
  double shape = 1.0;
  double rate_cv = 0.0;
  Duration rate_window{60'000'000'000};
  std::string lengths;  ///< as written; ResolvedPool::lengths is where it leads
  std::optional<std::int64_t> requests;
  std::optional<SharedPrefixConfig> prefix;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("rate", &SyntheticConfig::rate, "Mean rate of requests.", required, PerSecond{1e-6},
          PerSecond{1e8});
    visit("shape", &SyntheticConfig::shape,
          "Shape of the gamma law of gaps: 1 is Poisson, less is burstier.", 0.01, 1000.0);
    visit("rate_cv", &SyntheticConfig::rate_cv,
          "Coefficient of variation of the rate between windows.", 0.0, 10.0);
    visit("rate_window", &SyntheticConfig::rate_window, "Time for which a rate holds.",
          Duration{1'000'000}, 8760 * kHour);
    visit("lengths", &SyntheticConfig::lengths,
          "Table of prompt and answer lengths, a shipped name or a file.", required);
    visit("requests", &SyntheticConfig::requests,
          "Number of requests after which the workload ends.", 1, 1'000'000'000'000);
    visit("prefix", &SyntheticConfig::prefix, "What prompts have in common at their beginning.");
  }
};

/// Exactly one of the two.
struct WorkloadConfig {
  std::optional<TraceConfig> trace;
  std::optional<SyntheticConfig> synthetic;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("trace", &WorkloadConfig::trace, "Requests of a recorded file.");
    visit("synthetic", &WorkloadConfig::synthetic, "Requests from a random process.");
  }
};

}  // namespace plimsoll
