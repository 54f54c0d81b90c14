// Numbers that carry their unit in the type: only the products that mean something exist.
#pragma once

#include <compare>
#include <cstdint>

#include "core/time.hpp"

namespace plimsoll {

/// A value of one physical unit, told apart from the others by `Tag`.
template <class Tag, class Rep>
class Quantity {
 public:
  using rep = Rep;
  constexpr Quantity() = default;
  constexpr explicit Quantity(Rep value) : value_(value) {}
  constexpr Rep count() const { return value_; }

  friend constexpr auto operator<=>(Quantity, Quantity) = default;
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity{a.value_ + b.value_};
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity{a.value_ - b.value_};
  }
  friend constexpr Quantity operator*(Quantity a, Rep factor) {
    return Quantity{a.value_ * factor};
  }
  friend constexpr Quantity operator*(Rep factor, Quantity a) { return a * factor; }
  friend constexpr Quantity operator/(Quantity a, Rep divisor) {
    return Quantity{a.value_ / divisor};
  }
  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value_ -= other.value_;
    return *this;
  }

 private:
  Rep value_{};
};

using Bytes = Quantity<struct BytesTag, std::int64_t>;
using BytesPerSecond = Quantity<struct BytesPerSecondTag, double>;
using FlopPerSecond =
    Quantity<struct FlopPerSecondTag, double>;  ///< dense, of the precision its name states
using Watts = Quantity<struct WattsTag, double>;
using Joules = Quantity<struct JoulesTag, double>;
using Usd = Quantity<struct UsdTag, double>;
using UsdPerHour = Quantity<struct UsdPerHourTag, double>;
using PerSecond = Quantity<struct PerSecondTag, double>;  ///< a rate of requests or jobs

/// The one way bytes become time. Rounds up: a transfer never finishes early.
constexpr Duration operator/(Bytes size, BytesPerSecond rate) {
  const double ns = static_cast<double>(size.count()) / rate.count() * 1e9;
  const auto whole = static_cast<std::int64_t>(ns);
  return Duration{static_cast<double>(whole) < ns ? whole + 1 : whole};
}
constexpr Joules operator*(Watts power, Duration time) {
  return Joules{power.count() * to_seconds(time)};
}
constexpr Usd operator*(UsdPerHour price, Duration time) {
  return Usd{price.count() * to_seconds(time) / 3600.0};
}

}  // namespace plimsoll
