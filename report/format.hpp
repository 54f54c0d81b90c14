// Numbers as people read them: three figures, a unit, thousands set apart.
#pragma once

#include <cstdint>
#include <string>

namespace plimsoll::report {

std::string count_text(double count);       ///< "19,366"; whole numbers
std::string number_text(double value);      ///< three figures: "0.0123", "4.56", "1,204"
std::string share_text(double share);       ///< "98.9 %"
std::string usd_text(double usd);           ///< "$4.56": cents, or three figures below a dollar
std::string latency_text(double seconds);   ///< "182 ms", "1.23 s", "41.0 us"
std::string duration_text(double seconds);  ///< "1 h 2 min 3 s"

/// "182 ms [180, 185]": an estimate and its interval in the estimate's unit; an absent end is "..".
std::string latency_interval_text(double seconds, const double* low_s, const double* high_s);

std::string long_time_text(double seconds);  ///< "4.21 h"; s, min, h or d, for what takes hours
/// The same with its interval, of which a far end has a unit of its own: "0.954 s [0.72, 12.4 min]".
std::string long_time_interval_text(double seconds, const double* low_s, const double* high_s);

}  // namespace plimsoll::report
