#include "traces/arrival_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "core/assert.hpp"
#include "core/portable_math.hpp"

namespace plimsoll {
namespace {

constexpr double kHour_s = 3600;
/// Of so few days nothing is said by hour of the day, and by weekday.
constexpr std::size_t kFewDays = 7;
constexpr std::size_t kFewDaysForWeekdays = 28;
constexpr double kFinestGap_s = 0.5;  ///< of traces in whole seconds

double rounded(double value, double per_unit) {
  return std::floor(value * per_unit + 0.5) / per_unit;
}

/// Submissions by hour, from the first hour with one to the last.
struct HourCounts {
  explicit HourCounts(const std::vector<double>& submitted_s)
      : first(hour_of(submitted_s.front())), counts(hour_of(submitted_s.back()) - first + 1) {
    for (const double at : submitted_s) counts[hour_of(at) - first] += 1;
    mean = static_cast<double>(submitted_s.size()) / static_cast<double>(counts.size());
  }
  static std::size_t hour_of(double at) { return static_cast<std::size_t>(at / kHour_s); }
  std::size_t hour_of_day(std::size_t i) const { return (first + i) % kHoursPerDay; }
  std::size_t weekday(std::size_t i) const { return (first + i) / kHoursPerDay % kDaysPerWeek; }
  std::size_t day(std::size_t i) const { return (first + i) / kHoursPerDay - first / kHoursPerDay; }
  std::size_t days() const { return day(counts.size() - 1) + 1; }

  std::size_t first;
  std::vector<double> counts;
  double mean = 0;
};

/// Per bin of hours: submissions over those expected, and the hours in it.
struct Bins {
  std::vector<double> rates;
  std::vector<double> hours;
};

template <class BinOf>
Bins bins_of(const HourCounts& hours, const std::vector<double>& expected, std::size_t bins,
             BinOf&& bin_of) {
  std::vector<double> counted(bins), foreseen(bins);
  Bins result{std::vector<double>(bins), std::vector<double>(bins)};
  for (std::size_t i = 0; i < hours.counts.size(); ++i) {
    const std::size_t bin = bin_of(i);
    counted[bin] += hours.counts[i];
    foreseen[bin] += expected[i];
    result.hours[bin] += 1;
  }
  for (std::size_t b = 0; b < bins; ++b)
    result.rates[b] = foreseen[b] > 0 ? counted[b] / foreseen[b] : 0;
  return result;
}

/// At most kMostDayRates equally likely values: means of equal shares of all, ascending.
std::vector<double> equal_shares(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t wanted = std::min(values.size(), kMostDayRates);
  const double width = static_cast<double>(values.size()) / static_cast<double>(wanted);
  std::vector<double> shares;
  for (std::size_t s = 0; s < wanted; ++s) {
    const double begin = width * static_cast<double>(s), end = begin + width;
    double sum = 0;
    for (auto i = static_cast<std::size_t>(begin); i < values.size(); ++i) {
      const auto at = static_cast<double>(i);
      const double part = std::min(at + 1, end) - std::max(at, begin);
      if (part <= 0) break;
      sum += part * values[i];
    }
    shares.push_back(sum / width);
  }
  return shares;
}

void round_all(std::vector<double>& values) {
  for (double& value : values) value = rounded(value, 1e4);
}

/// Maximum likelihood, in Minka's closed form (within 1.5 %). Source: Minka, "Estimating a Gamma distribution", 2002.
double gamma_shape(double mean, double mean_log) {
  const double s = portable::log(mean) - mean_log;
  if (!(s > 0)) return 100;
  const double shape = (3 - s + std::sqrt((s - 3) * (s - 3) + 24 * s)) / (12 * s);
  return std::clamp(shape, 0.01, 100.0);
}

/// Of the gaps within hours of some submissions, each in the mean gap of its hour.
double gap_shape(const std::vector<double>& submitted_s, const HourCounts& hours) {
  constexpr double kSome = 5;
  constexpr double kFewGaps = 50;
  double gaps = 0, sum = 0, sum_of_logs = 0;
  for (std::size_t i = 1; i < submitted_s.size(); ++i) {
    const std::size_t hour = HourCounts::hour_of(submitted_s[i]);
    const double count = hours.counts[hour - hours.first];
    if (hour != HourCounts::hour_of(submitted_s[i - 1]) || count < kSome) continue;
    const double gap_s = std::max(submitted_s[i] - submitted_s[i - 1], kFinestGap_s);
    const double gap = gap_s * count / kHour_s;
    gaps += 1;
    sum += gap;
    sum_of_logs += portable::log(gap);
  }
  return gaps < kFewGaps ? 1 : gamma_shape(sum / gaps, sum_of_logs / gaps);
}

/// What the variance of hourly counts leaves beyond that of a renewal process of such gaps (count over shape).
double hour_cv(const HourCounts& hours, const std::vector<double>& expected, double shape) {
  double excess = 0, squares = 0;
  for (std::size_t i = 0; i < hours.counts.size(); ++i) {
    const double difference = hours.counts[i] - expected[i];
    excess += difference * difference - expected[i] / shape;
    squares += expected[i] * expected[i];
  }
  return excess > 0 ? std::min(std::sqrt(excess / squares), 10.0) : 0;
}

}  // namespace

JobArrivals fit_arrivals(const std::vector<double>& submitted_s) {
  PLIMSOLL_ASSERT(!submitted_s.empty(), "no submission to fit a law to");
  const HourCounts hours(submitted_s);
  std::vector<double> expected(hours.counts.size(), hours.mean);
  const auto multiply = [&](const std::vector<double>& rates, auto&& bin_of) {
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] *= rates[bin_of(i)];
  };
  const auto hour_of_day = [&](std::size_t i) { return hours.hour_of_day(i); };
  const auto weekday = [&](std::size_t i) { return hours.weekday(i); };
  const auto day = [&](std::size_t i) { return hours.day(i); };

  JobArrivals law;
  law.jobs_per_hour = rounded(hours.mean, 1e6);
  if (hours.days() >= kFewDays) {
    law.hours = bins_of(hours, expected, kHoursPerDay, hour_of_day).rates;
    multiply(law.hours, hour_of_day);
  }
  if (hours.days() >= kFewDaysForWeekdays) {
    law.weekdays = bins_of(hours, expected, kDaysPerWeek, weekday).rates;
    multiply(law.weekdays, weekday);
  }
  const Bins days = bins_of(hours, expected, hours.days(), day);
  multiply(days.rates, day);
  std::vector<double> whole_days;
  for (std::size_t d = 0; d < days.rates.size(); ++d)
    if (2 * days.hours[d] >= kHoursPerDay) whole_days.push_back(days.rates[d]);
  if (whole_days.size() > 1) law.days = equal_shares(std::move(whole_days));
  law.shape = rounded(gap_shape(submitted_s, hours), 1e4);
  law.hour_cv = rounded(hour_cv(hours, expected, law.shape), 1e4);
  for (auto* values : {&law.hours, &law.weekdays, &law.days}) round_all(*values);
  return law;
}

}  // namespace plimsoll
