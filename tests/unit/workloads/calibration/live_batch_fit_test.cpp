// What live batches add to decode attention is found again from batches made with it.
#include <array>
#include <cmath>

#include "tests/catch.hpp"
#include "workloads/calibration/law_fits.hpp"

using namespace plimsoll;

namespace {

constexpr std::int32_t kHeads = 32;
constexpr std::int32_t kKvHeads = 8;
constexpr double kHeadUs = 0.02;
constexpr double kRowUs = 3e-5;

DeviceRates rates() {
  DeviceRates rates;
  rates.bf16 = FlopPerSecond{1e15};
  rates.memory = BytesPerSecond{4e12};
  return rates;
}

std::optional<ModelSpec> models(const std::string&) {
  ModelSpec model;
  model.heads = kHeads;
  model.kv_heads = kKvHeads;
  model.head_dim = 128;
  return model;
}

DecodeAttentionLaw pure_law() {
  DecodeAttentionLaw law;
  law.base_us = {{{"sequences", {1}}, {"heads", {8}}}, {std::log(10)}};
  return law;
}

PrefillAttentionLaw prefill_law() {
  PrefillAttentionLaw law;
  law.base_us = 8;
  return law;
}

double read_us(double sequences, double context) {
  return sequences * context * decode_read_us(sequences, kKvHeads, rates(), pure_law());
}

/// A token costs 1.5 times as much as in a pure batch, in one of 64 sequences 2 times.
double mixed_us(double chunk, double sequences, double context) {
  const double further = sequences * kHeads * (kHeadUs + kRowUs * chunk);
  return std::max(10.0, 8 + further) +
         prefill_attention_us(chunk, kHeads, 0, rates(), prefill_law()) +
         (sequences == 64 ? 2.0 : 1.5) * read_us(sequences, context);
}

Measurements profile() {
  Measurements measurements;
  measurements.set({"attention.csv", "", "vllm 1.0", "m"});
  for (const double chunk : {16.0, 256.0, 2048.0})
    for (const double sequences : {16.0, 64.0})
      for (const double context : {16.0, 256.0, 1024.0, 2048.0})
        measurements.batches.push_back(
            {{}, chunk, 0, sequences, context, mixed_us(chunk, sequences, context), 0});
  return measurements;
}

/// One of sixteen contexts is four times as long as the others; reads cost `factor` times as much.
SpreadRow uneven(double chunk, double sequences, double factor) {
  constexpr double kShorter = 512;
  SpreadRow row;
  row.longer = sequences / 16;
  row.longest = 4 * kShorter;
  const double mean = kShorter * 19 / 16;
  row.even_us = chunk > 0 ? mixed_us(chunk, sequences, mean) : 10 + read_us(sequences, mean);
  const double even_read = (chunk > 0 ? 2 : 1) * read_us(sequences, mean);
  row.batch = {{}, chunk, 0, sequences, mean, row.even_us + (factor - 1) * even_read, 0};
  return row;
}

}  // namespace

TEST_CASE("mixed batches give the cost of a KV token and of each further sequence",
          "[calibration]") {
  DecodeAttentionLaw law = pure_law();
  fit_live_batches(profile(), models, rates(), prefill_law(), law);
  CHECK(law.mixed_head_us == Approx(kHeadUs).epsilon(0.01));
  CHECK(law.mixed_row_us == Approx(kRowUs).epsilon(0.01));
  CHECK(law.mixed_read.factor(std::array{16.0, 4.0}) == Approx(1.5).epsilon(0.01));
  CHECK(law.mixed_read.factor(std::array{64.0, 4.0}) == Approx(2.0).epsilon(0.01));
  CHECK(law.spread.axes.empty());
}

TEST_CASE("uneven contexts cost by tiles, and more in mixed batches, too", "[calibration]") {
  Measurements measurements = profile();
  measurements.spread = {uneven(0, 32, 1.0), uneven(0, 64, 1.2), uneven(256, 64, 1.1)};
  DecodeAttentionLaw law = pure_law();
  fit_live_batches(measurements, models, rates(), prefill_law(), law);
  CHECK(law.spread.factor(std::array{32.0 * kKvHeads}) == Approx(1.0));
  CHECK(law.spread.factor(std::array{64.0 * kKvHeads}) == Approx(1.2).epsilon(0.001));
  CHECK(law.mixed_read.factor(std::array{64.0, 4.0}) == Approx(2.2).epsilon(0.01));
  CHECK(law.mixed_read.factor(std::array{16.0, 4.0}) == Approx(1.5).epsilon(0.01));
}

TEST_CASE("contexts that vary less than in live batches say nothing", "[calibration]") {
  Measurements measurements = profile();
  SpreadRow row = uneven(0, 64, 1.5);
  row.longest = row.batch.context * 1.2;
  measurements.spread = {row};
  DecodeAttentionLaw law = pure_law();
  fit_live_batches(measurements, models, rates(), prefill_law(), law);
  CHECK(law.spread.axes.empty());
}
