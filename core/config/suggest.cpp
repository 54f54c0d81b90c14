#include "core/config/suggest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace plimsoll {
namespace {

constexpr std::size_t kLongestCompared = 100;  // a longer name is no slip of the finger

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t change_cost(char a, char b) {
  if (a == b) return 0;
  return lower(a) == lower(b) ? 1 : 2;
}

/// Twice the optimal-string-alignment distance, so that a change of case can cost half.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = 2 * j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = 2 * i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 2, row[j - 1] + 2, last[j - 1] + change_cost(a[i - 1], b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 2);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  if (name.empty() || name.size() > kLongestCompared) return {};
  const std::string* nearest = nullptr;
  std::size_t least = 2 * std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongestCompared) continue;
    const std::size_t d = distance(name, candidate);
    if (d < least) {
      least = d;
      nearest = &candidate;
    }
  }
  return nearest ? *nearest : std::string{};
}

std::string unknown_name(std::string_view what, std::string_view name,
                         const std::vector<std::string>& known) {
  std::string text = fmt::format("unknown {} \"{}\".", what, name);
  const std::string nearest = nearest_name(name, known);
  if (!nearest.empty()) text += fmt::format(" Did you mean \"{}\"?", nearest);
  if (known.empty()) return text + " None is known.";
  return text + fmt::format(" Known: {}.", fmt::join(known, ", "));
}

}  // namespace plimsoll
