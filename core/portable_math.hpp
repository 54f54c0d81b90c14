// log, exp and pow whose bits do not depend on the machine: only +, -, *, / and bit operations, in a fixed order.
// The C library picks other code paths with the CPU, and their last bits differ (docs/architecture.md).
#pragma once

namespace plimsoll::portable {

double log(double x);  ///< natural logarithm, error below 2 ulp; x > 0 and finite
double exp(double x);  ///< error below 2 ulp; 0 below -745, infinity above 709.78
double pow(double x,
           double y);  ///< exp(y log x) for x > 0: relative error below 1e-13 for |y log x| < 100

}  // namespace plimsoll::portable
