#include "workloads/engine_version.hpp"

#include <array>
#include <charconv>

namespace plimsoll {
namespace {

/// The y of "x.y...", beyond every y of 0.y where x is not 0; nothing without such a number.
std::optional<int> minor_of(std::string_view version) {
  if (version.starts_with('v')) version.remove_prefix(1);
  const char* const end = version.data() + version.size();
  int major = 0;
  int minor = 0;
  const auto first = std::from_chars(version.data(), end, major);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '.') return std::nullopt;
  if (std::from_chars(first.ptr + 1, end, minor).ec != std::errc{}) return std::nullopt;
  constexpr int kBeyond = 1'000'000;
  return major == 0 ? minor : kBeyond;
}

struct VllmProfile {
  int first_minor;
  const char* name;
};
// Latest first.
constexpr std::array<VllmProfile, 4> kVllm{
    {{22, "vllm-0.24"}, {18, "vllm-0.19"}, {8, "vllm-0.15"}, {0, "vllm-0.6"}}};

}  // namespace

std::optional<std::string> engine_profile_for(std::string_view backend, std::string_view version) {
  if (backend == "sglang") return "sglang-0.5";
  if (backend == "trtllm" || backend == "tensorrt-llm") return "tensorrt-llm-1";
  if (backend != "vllm") return std::nullopt;
  const int minor = minor_of(version).value_or(15);
  for (const VllmProfile& profile : kVllm)
    if (minor >= profile.first_minor) return profile.name;
  return std::nullopt;
}

}  // namespace plimsoll
