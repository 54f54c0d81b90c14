#include "traces/synthesis.hpp"

#include <utility>

namespace plimsoll {

SyntheticStream synthesize(const SynthesisConfig& config,
                           std::shared_ptr<const LengthTables> lengths) {
  SyntheticArrivals law;
  law.rate_per_second = config.rate.count();
  law.shape = config.shape;
  law.rate_cv = config.rate_cv;
  law.rate_window = config.rate_window;
  law.horizon = config.duration;
  return SyntheticStream(law, std::move(lengths), config.seed, "trace");
}

}  // namespace plimsoll
