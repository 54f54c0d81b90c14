#include "planner/validation/silicon_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <tuple>

#include "core/random_stream.hpp"

namespace plimsoll {
namespace {

constexpr std::int32_t kPromptsPerClient = 10;
constexpr double kShortest = 0.8;  // --random-range-ratio

struct Version {
  int major = 0;
  int minor = 0;

  auto operator<=>(const Version&) const = default;
  double distance(const Version& other) const {
    return 100.0 * std::abs(major - other.major) + std::abs(minor - other.minor);
  }
};

std::optional<Version> parse_version(const std::string& text) {
  Version version;
  const int read = std::sscanf(text.c_str(), "%d.%d", &version.major, &version.minor);
  if (read < 1) return std::nullopt;
  return version;
}

/// Name of the engine's profiles before the version, and the version of autumn 2025.
std::pair<std::string, Version> family_of(const std::string& engine) {
  if (engine == "trtllm") return {"tensorrt-llm-", {1, 1}};
  if (engine == "sglang") return {"sglang-", {0, 5}};
  return {engine + "-", {0, 11}};
}

}  // namespace

std::vector<TrialRequest> bench_requests(const SiliconRow& row) {
  const RandomStream draws(
      0, fmt::format("aic_silicon/{}/{}", row.prompt_tokens, row.output_tokens), "lengths");
  const auto length = [&](std::int32_t nominal, std::uint64_t index, std::uint64_t lane) {
    if (!row.spread_lengths) return nominal;
    const auto least = static_cast<std::int32_t>(kShortest * nominal);
    const auto span = static_cast<std::uint32_t>(nominal - least + 1);
    return std::max(1, least + static_cast<std::int32_t>(below(span, draws.bits(index, lane))));
  };
  std::vector<TrialRequest> requests(static_cast<std::size_t>(kPromptsPerClient * row.concurrency));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].prompt_tokens = length(row.prompt_tokens, i, 0);
    requests[i].output_tokens = length(row.output_tokens, i, 1);
  }
  return requests;
}

std::optional<std::string> nearest_engine(const std::vector<std::string>& profiles,
                                          const std::string& engine, const std::string& version,
                                          const std::string& least_version) {
  const auto [family, then] = family_of(engine);
  const Version least = parse_version(least_version).value_or(Version{});
  const Version wanted = std::max(least, parse_version(version).value_or(then));
  std::optional<std::string> best;
  double nearest = 0;
  for (const std::string& profile : profiles) {
    if (!profile.starts_with(family)) continue;
    const auto has = parse_version(profile.substr(family.size()));
    const double distance = has ? has->distance(wanted) : 1e9;
    if (best && distance >= nearest) continue;
    best = profile;
    nearest = distance;
  }
  return best;
}

std::string dtype_of(const SiliconRow& row, const ModelSpec& model) {
  if (model.name.starts_with("gpt-oss")) return "mxfp4";  // as published, whatever the row says
  if (row.gemm.empty() && row.experts.empty()) return "bf16";
  if (row.gemm == "nvfp4" || row.experts == "nvfp4") return "nvfp4";
  if (row.gemm == "fp8_block" || row.experts == "fp8_block") return "fp8_block";
  return model.mixture ? "fp8_block" : row.gemm;  // mixtures in fp8 are published in blocks
}

}  // namespace plimsoll
