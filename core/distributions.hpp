// Normal and gamma variates whose bits do not depend on the machine: pure functions of their random bits, so that
// draw i of a stream never depends on draw i - 1. Only +, -, *, /, sqrt and portable::log/exp.
// Exponential ones are in core/exponential.hpp.
#pragma once

#include <cstdint>

#include "core/random_stream.hpp"

namespace plimsoll {

/// The x below which a standard normal variate lies with probability p, 0 < p < 1; relative error about 1e-15. Of a
/// uniform draw, it is a normal variate.
/// Source: Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37(3), 1988.
double normal_quantile(double p);

/// Gamma variates of one shape and scale 1: mean = variance = shape. Lanes are below 2^32: the upper half of a lane
/// numbers the attempts of the rejection, so that each has draws of its own.
/// Source: Marsaglia, Tsang, "A simple method for generating gamma variables", ACM TOMS 26(3), 2000.
class GammaDistribution {
 public:
  explicit GammaDistribution(double shape);  ///< shape > 0
  double operator()(const RandomStream& stream, std::uint64_t index, std::uint64_t lane = 0) const;

 private:
  double d_ = 0;
  double c_ = 0;
  double boost_exponent_ = 0;  ///< 1 / shape where shape < 1; 0 where no boost is needed
};

}  // namespace plimsoll
