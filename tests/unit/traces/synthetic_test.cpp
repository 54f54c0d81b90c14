// The synthetic workload: its statistics, its ends, and the trace that ships.
#include "traces/synthetic.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/config/yaml.hpp"
#include "tests/catch.hpp"
#include "tests/unit/traces/trace_files.hpp"
#include "traces/synthesis.hpp"

using namespace plimsoll;

namespace {

std::shared_ptr<const LengthTables> shipped_lengths() {
  return std::make_shared<const LengthTables>(
      read_lengths(test::source_path("traces/quantiles/azure_2023_conversation.yaml")));
}

/// The law of the shipped trace.
SyntheticArrivals chat_law() {
  SyntheticArrivals law;
  law.rate_per_second = 5.53;
  law.shape = 0.871;
  law.rate_cv = 0.21;
  return law;
}

std::vector<Arrival> all_of(ArrivalStream& stream) {
  std::vector<Arrival> all;
  std::vector<Arrival> block;
  for (stream.next(block); !block.empty(); stream.next(block))
    all.insert(all.end(), block.begin(), block.end());
  return all;
}

std::vector<Arrival> draw(const SyntheticArrivals& law, std::uint64_t seed) {
  SyntheticStream stream(law, shipped_lengths(), seed, "pools/chat");
  return all_of(stream);
}

/// Variance over mean of the counts in bins of so many seconds.
double index_of_dispersion(const std::vector<Arrival>& all, std::int64_t bin_s) {
  std::vector<double> counts(
      static_cast<std::size_t>(to_ns(all.back().at) / (bin_s * 1'000'000'000)), 0.0);
  for (const Arrival& arrival : all) {
    const auto bin = static_cast<std::size_t>(to_ns(arrival.at) / (bin_s * 1'000'000'000));
    if (bin < counts.size()) ++counts[bin];
  }
  double mean = 0;
  double square = 0;
  for (const double count : counts) {
    mean += count / static_cast<double>(counts.size());
    square += count * count / static_cast<double>(counts.size());
  }
  return (square - mean * mean) / mean;
}

struct GapMoments {
  double mean_s = 0;
  double cv = 0;
};

GapMoments gap_moments(const std::vector<Arrival>& all) {
  double mean = 0;
  double square = 0;
  const auto count = static_cast<double>(all.size() - 1);
  for (std::size_t i = 1; i < all.size(); ++i) {
    const double gap = to_seconds(all[i].at - all[i - 1].at);
    mean += gap / count;
    square += gap * gap / count;
  }
  return {mean, std::sqrt(square - mean * mean) / mean};
}

bool in_order(const std::vector<Arrival>& all) {
  return std::is_sorted(all.begin(), all.end(),
                        [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
}

}  // namespace

// Targets: the Azure 2023 conversation trace: rate 5.53/s, CV 1.094, index of dispersion 1.39, 3.9, 16.1.
TEST_CASE("the chat law reproduces the burstiness of the trace that it stands for",
          "[traces][synthetic]") {
  SyntheticArrivals law = chat_law();
  law.requests = 1'000'000;  // 50 hours, or 3,000 rate windows
  const auto all = draw(law, 2023);
  REQUIRE(all.size() == 1'000'000);
  CHECK(in_order(all));
  const GapMoments gaps = gap_moments(all);
  CHECK(1 / gaps.mean_s == Approx(5.53).epsilon(0.02));
  CHECK(gaps.cv == Approx(1.094).epsilon(0.03));
  CHECK(index_of_dispersion(all, 1) == Approx(1.39).epsilon(0.03));
  CHECK(index_of_dispersion(all, 10) == Approx(3.9).epsilon(0.12));
  CHECK(index_of_dispersion(all, 60) == Approx(16.1).epsilon(0.1));
}

TEST_CASE("shape 1 at a constant rate is a Poisson process", "[traces][synthetic]") {
  SyntheticArrivals law;
  law.rate_per_second = 100;
  law.requests = 200'000;
  const auto all = draw(law, 1);
  CHECK(1 / gap_moments(all).mean_s == Approx(100).epsilon(0.01));
  CHECK(gap_moments(all).cv == Approx(1).epsilon(0.01));
  CHECK(index_of_dispersion(all, 1) == Approx(1).epsilon(0.1));
  CHECK(index_of_dispersion(all, 10) == Approx(1).epsilon(0.4));
}

TEST_CASE("a gap across rate windows is as long as the integral of the rate says",
          "[traces][synthetic]") {
  // Windows of 10 ms hold 0.05 requests: nearly every gap spans many of them, so that the rates average out.
  SyntheticArrivals law = chat_law();
  law.rate_window = Duration{10'000'000};
  law.rate_cv = 1;
  law.requests = 100'000;
  const auto all = draw(law, 3);
  CHECK(1 / gap_moments(all).mean_s == Approx(5.53).epsilon(0.02));
  // Poisson counts under a gamma rate: each window adds cv^2 rate window to the index of dispersion 1 / shape.
  CHECK(index_of_dispersion(all, 60) == Approx(1 / 0.871 + 5.53 * 0.01).epsilon(0.25));
}

TEST_CASE("a stream ends after its number of requests or at its horizon, whichever is first",
          "[traces][synthetic]") {
  SyntheticArrivals law = chat_law();
  law.requests = 5'000;
  const auto by_count = draw(law, 1);
  CHECK(by_count.size() == 5'000);
  law.horizon = std::chrono::minutes(10);
  const auto by_horizon = draw(law, 1);
  REQUIRE(by_horizon.size() < 5'000);
  CHECK(by_horizon.back().at < SimTime{*law.horizon});
  CHECK(by_count[by_horizon.size()].at >= SimTime{*law.horizon});
  CHECK(std::equal(by_horizon.begin(), by_horizon.end(), by_count.begin()));
  SyntheticStream stream(law, shipped_lengths(), 1, "pools/chat");
  all_of(stream);
  std::vector<Arrival> block;
  for (int i = 0; i < 100; ++i) {
    stream.next(block);
    CHECK(block.empty());
  }
}

TEST_CASE("lengths follow their tables, independently of each other", "[traces][synthetic]") {
  SyntheticArrivals law = chat_law();
  law.requests = 200'000;
  const auto all = draw(law, 5);
  const auto lengths = shipped_lengths();
  double prompt = 0;
  double output = 0;
  double both = 0;
  for (const Arrival& arrival : all) {
    prompt += arrival.prompt_tokens / 200'000.0;
    output += arrival.output_tokens / 200'000.0;
    both += static_cast<double>(arrival.prompt_tokens) * arrival.output_tokens / 200'000.0;
  }
  CHECK(prompt == Approx(lengths->prompt_tokens.table.mean()).epsilon(0.01));
  CHECK(output == Approx(lengths->output_tokens.table.mean()).epsilon(0.01));
  CHECK(both == Approx(prompt * output).epsilon(0.01));
}

TEST_CASE("a clone continues from the same place, and other seeds and pools differ",
          "[traces][synthetic]") {
  SyntheticArrivals law = chat_law();
  law.requests = 10'000;
  SyntheticStream stream(law, shipped_lengths(), 7, "pools/chat");
  std::vector<Arrival> block;
  stream.next(block);
  CHECK(block.size() == kArrivalBlock);
  const auto clone = stream.clone();
  CHECK(all_of(*clone) == all_of(stream));
  CHECK(draw(law, 7) != draw(law, 8));
  SyntheticStream other(law, shipped_lengths(), 7, "pools/code");
  CHECK(all_of(other) != draw(law, 7));
}

TEST_CASE("the rates of windows are common to streams of other shapes", "[traces][synthetic]") {
  SyntheticArrivals bursty = chat_law();
  bursty.shape = 0.3;
  SyntheticArrivals calm = chat_law();
  calm.shape = 50;
  bursty.horizon = calm.horizon = std::chrono::hours(10);
  std::vector<double> counts[2] = {std::vector<double>(600, 0), std::vector<double>(600, 0)};
  for (int i = 0; i < 2; ++i) {
    for (const Arrival& arrival : draw(i == 0 ? bursty : calm, 1)) {
      ++counts[i][static_cast<std::size_t>(to_ns(arrival.at) / 60'000'000'000)];
    }
  }
  double covariance = 0;
  for (std::size_t i = 0; i < 600; ++i)
    covariance += (counts[0][i] / 331.8 - 1) * (counts[1][i] / 331.8 - 1) / 600;
  CHECK(covariance == Approx(0.21 * 0.21).epsilon(0.25));
}

TEST_CASE("the shipped trace is what its recipe makes", "[traces][synthetic]") {
  const auto recipe =
      read_config<SynthesisConfig>(load_yaml(test::source_path("traces/synthetic/chat_1h.yaml")));
  CHECK(recipe.lengths == "azure_2023_conversation");
  SyntheticStream stream = synthesize(recipe, shipped_lengths());
  const auto shipped = test::load("csv", test::source_path("traces/synthetic/chat_1h.csv.zst"));
  CHECK(all_of(stream) == shipped);
  CHECK(shipped.back().at < SimTime{std::chrono::hours(1)});
  CHECK(shipped.size() == 20'626);
}

TEST_CASE("a recipe without rate, lengths or duration is refused, with every fault",
          "[traces][synthetic]") {
  try {
    read_config<SynthesisConfig>(
        parse_yaml("rate: -1/s\nshape: 0\nrate_cv: .nan\n", "recipe.yaml"));
    FAIL("accepted");
  } catch (const ConfigError& error) {
    CHECK(error.faults().size() == 5);
  }
}
