// Plimsoll's own format: arrival_s,prompt_tokens,output_tokens; seconds since the run's start with up to 9 decimals.
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "traces/csv_file.hpp"
#include "traces/trace_formats.hpp"

namespace plimsoll {
namespace {

/// Nanoseconds of "12.345678901": exact; nothing but digits and one point.
std::optional<std::int64_t> parse_seconds(std::string_view text) {
  constexpr std::ptrdiff_t kWholeDigits = 9;  // 31 years
  constexpr std::ptrdiff_t kDecimals = 9;
  const char* const end = text.data() + text.size();
  std::uint32_t whole = 0;
  const auto [point, error] = std::from_chars(text.data(), end, whole);
  if (error != std::errc{} || point - text.data() > kWholeDigits) return std::nullopt;
  std::int64_t ns = std::int64_t{whole} * 1'000'000'000;
  if (point == end) return ns;
  std::uint32_t fraction = 0;
  const char* const first = point + 1;
  const auto [last, fault] = std::from_chars(first, end, fraction);
  if (*point != '.' || fault != std::errc{} || last != end || last - first > kDecimals) {
    return std::nullopt;
  }
  for (auto digits = last - first; digits < kDecimals; ++digits) fraction *= 10;
  return ns + fraction;
}

class CsvReader final : public TraceReader {
 public:
  explicit CsvReader(const std::string& path)
      : file_(path, {"arrival_s", "prompt_tokens", "output_tokens"}) {}

  void next(std::vector<Arrival>& block) override {
    file_.next(block, [this] { return Arrival{time(), file_.tokens(1), file_.tokens(2)}; });
  }

 private:
  SimTime time() const {
    const auto ns = parse_seconds(file_.field(0));
    if (!ns) {
      file_.refuse(0,
                   "is no time; write seconds from 0 up to 999999999 as a decimal number "
                   "with at most 9 decimals, such as 12.345678901.");
    }
    return at_ns(*ns);
  }

  CsvFile file_;
};

}  // namespace
}  // namespace plimsoll

PLIMSOLL_TRACE_FORMAT(csv, plimsoll::CsvReader,
                      "Plimsoll's own: arrival_s,prompt_tokens,output_tokens, as plimsoll trace "
                      "synthesize writes it.",
                      "")
