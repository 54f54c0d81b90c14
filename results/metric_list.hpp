// How the numbers of a summary are put into its list: as a value, or as the reason why there is none.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "results/quantiles.hpp"
#include "results/summary.hpp"

namespace plimsoll {

using Metrics = std::vector<Metric>;

inline constexpr const char* kNoTimePassed = "no time passed";

void add(Metrics& metrics, std::string key, double value);
void add_absent(Metrics& metrics, std::string key, std::string why);

/// `part / whole`, absent because of `why` where the whole is nothing.
void add_ratio(Metrics& metrics, std::string key, double part, double whole, const char* why);

struct Quantile {
  double share = 0;
  std::string key;
};

/// Quantiles of values of which `units` make one unit of the keys. One beyond which less than one value lies says
/// nothing: it is absent.
void add_quantiles(Metrics& metrics, const Distribution& values, double units,
                   std::span<const Quantile> wanted);

/// "<name>_p50_s", "_p90_s" and "_p99_s".
void add_quantiles(Metrics& metrics, const std::string& name, const Distribution& values,
                   double units_per_second);

}  // namespace plimsoll
