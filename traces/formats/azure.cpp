// The Azure LLM inference traces of 2023 and 2024: TIMESTAMP (UTC), ContextTokens, GeneratedTokens. The first row is
// time 0. Source: Azure Public Dataset, AzureLLMInferenceDataset2023.md and ...2024.md.
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "traces/csv_file.hpp"
#include "traces/trace_formats.hpp"

namespace plimsoll {
namespace {

/// Reads a time stamp's digits and punctuation from left to right.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  /// Exactly `width` digits.
  std::optional<int> number(std::size_t width) {
    if (rest_.size() < width) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, width)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(width);
    return value;
  }

  bool skip(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  /// The nanoseconds of ".1234567": one to nine digits, or nothing at all.
  std::optional<int> fraction() {
    if (!skip(".")) return 0;
    int value = 0;
    std::size_t digits = 0;
    while (digits < 9) {
      const auto digit = number(1);
      if (!digit) break;
      value = value * 10 + *digit;
      ++digits;
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 9; ++digits) value *= 10;
    return value;
  }

  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

/// Nanoseconds since 1970 of midnight; nothing for a day that the calendar does not have.
std::optional<std::int64_t> midnight(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  constexpr int kFirstYear = 1970;
  constexpr int kLastYear = 2199;  // 64-bit nanoseconds end in 2262
  if (!date.ok() || year < kFirstYear || year > kLastYear) return std::nullopt;
  return std::chrono::nanoseconds{std::chrono::sys_days{date}.time_since_epoch()}.count();
}

/// "2023-11-16 18:15:46.6805900", as in 2023, or with "+00:00" behind it, as in 2024.
std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  Scanner scan{text};
  const auto year = scan.number(4);
  const auto month = scan.skip("-") ? scan.number(2) : std::nullopt;
  const auto day = scan.skip("-") ? scan.number(2) : std::nullopt;
  const auto hour = scan.skip(" ") ? scan.number(2) : std::nullopt;
  const auto minute = scan.skip(":") ? scan.number(2) : std::nullopt;
  const auto second = scan.skip(":") ? scan.number(2) : std::nullopt;
  const auto fraction = scan.fraction();
  scan.skip("+00:00");
  if (!year || !month || !day || !hour || !minute || !second || !fraction || !scan.at_end()) {
    return std::nullopt;
  }
  if (*hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const auto days = midnight(*year, *month, *day);
  if (!days) return std::nullopt;
  const std::int64_t seconds = (*hour * 60 + *minute) * 60 + *second;
  return *days + seconds * 1'000'000'000 + *fraction;
}

class AzureReader final : public TraceReader {
 public:
  explicit AzureReader(const std::string& path)
      : file_(path, {"TIMESTAMP", "ContextTokens", "GeneratedTokens"}) {}

  void next(std::vector<Arrival>& block) override {
    file_.next(block, [this] { return Arrival{time(), file_.tokens(1), file_.tokens(2)}; });
  }

 private:
  SimTime time() {
    const auto ns = parse_timestamp(file_.field(0));
    if (!ns) {
      file_.refuse(0,
                   "is no UTC time stamp of the years 1970 to 2199; "
                   "write it as \"2023-11-16 18:15:46.6805900\".");
    }
    if (!origin_ns_) origin_ns_ = ns;
    return at_ns(*ns - *origin_ns_);
  }

  CsvFile file_;
  std::optional<std::int64_t> origin_ns_;
};

}  // namespace
}  // namespace plimsoll

PLIMSOLL_TRACE_FORMAT(
    azure, plimsoll::AzureReader,
    "Azure LLM inference trace: TIMESTAMP,ContextTokens,GeneratedTokens; the first row is time 0.",
    "Azure Public Dataset, Microsoft, https://github.com/Azure/AzurePublicDataset, licence "
    "CC-BY-4.0, "
    "https://creativecommons.org/licenses/by/4.0/. To cite: 2023: Patel et al., Splitwise: "
    "Efficient generative LLM inference using phase splitting, ISCA 2024; 2024: Stojkovic et al., "
    "DynamoLLM: Designing LLM inference clusters for performance and energy efficiency, HPCA 2025.")
