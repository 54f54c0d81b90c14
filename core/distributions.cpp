#include "core/distributions.hpp"

#include <array>
#include <cmath>

#include "core/assert.hpp"
#include "core/exponential.hpp"
#include "core/portable_math.hpp"

namespace plimsoll {
namespace {

/// A ratio of two polynomials of degree 7; coefficients from the highest power down.
struct Rational {
  std::array<double, 8> over;
  std::array<double, 8> under;

  double at(double r) const {
    double numerator = over[0];
    double denominator = under[0];
    for (std::size_t i = 1; i < over.size(); ++i) {
      numerator = numerator * r + over[i];
      denominator = denominator * r + under[i];
    }
    return numerator / denominator;
  }
};

constexpr Rational kCentre{
    {2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
     4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
     1.3314166789178437745e+2, 3.3871328727963666080e+0},
    {5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4,
     2.1213794301586595867e+4, 5.3941960214247511077e+3, 6.8718700749205790830e+2,
     4.2313330701600911252e+1, 1.0}};

constexpr Rational kTail{
    {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
     1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
     4.63033784615654529590e+0, 1.42343711074968357734e+0},
    {1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
     1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e+0,
     2.05319162663775882187e+0, 1.0}};

constexpr Rational kFarTail{
    {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
     2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
     5.46378491116411436990e+0, 6.65790464350110377720e+0},
    {2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
     7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
     5.99832206555887937690e-1, 1.0}};

/// Where two uniform draws are wanted from one: a double in (0, 1) of the lower 32 bits ...
double lower_half(std::uint64_t bits) { return (static_cast<std::uint32_t>(bits) + 0.5) * 0x1p-32; }

/// ... and bits whose upper half alone is random, in the middle of what the lower half may be.
std::uint64_t upper_half(std::uint64_t bits) {
  return (bits >> 32 << 32) | (std::uint64_t{1} << 31);
}

}  // namespace

double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) return q * kCentre.at(0.180625 - q * q);
  const double r = std::sqrt(-portable::log(q < 0 ? p : 1.0 - p));
  const double x = r <= 5.0 ? kTail.at(r - 1.6) : kFarTail.at(r - 5.0);
  return q < 0 ? -x : x;
}

GammaDistribution::GammaDistribution(double shape) {
  PLIMSOLL_ASSERT(shape > 0, "shape = {}", shape);
  if (shape < 1) boost_exponent_ = 1 / shape;
  d_ = (shape < 1 ? shape + 1 : shape) - 1.0 / 3;
  c_ = 1 / std::sqrt(9 * d_);
}

// An attempt takes 128 bits: 64 for the normal, 32 for the acceptance, 32 for the boost, which is u^(1 / shape).
double GammaDistribution::operator()(const RandomStream& stream, std::uint64_t index,
                                     std::uint64_t lane) const {
  for (std::uint64_t attempt = 0;; ++attempt) {
    const auto [bits, more_bits] = stream.block(index, lane | (attempt << 32));
    const double x = normal_quantile(unit_interval(bits));
    const double root = 1 + c_ * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double u = lower_half(more_bits);
    const double x2 = x * x;
    const bool inside = u < 1 - 0.0331 * x2 * x2;  // the squeeze, which spares most logarithms
    if (!inside && portable::log(u) >= 0.5 * x2 + d_ * (1 - v + portable::log(v))) continue;
    if (boost_exponent_ == 0) return d_ * v;
    return d_ * v * portable::exp(-boost_exponent_ * standard_exponential(upper_half(more_bits)));
  }
}

}  // namespace plimsoll
