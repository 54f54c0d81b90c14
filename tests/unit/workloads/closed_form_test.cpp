// The closed-form step-time model: its laws, its exactness and its order of magnitude.
#include "workloads/step_time/closed_form.hpp"

#include <vector>

#include "tests/catch.hpp"
#include "tests/unit/workloads/catalog_under_test.hpp"

using namespace plimsoll;

namespace {

/// Everything that a model is made of; a test changes what it is about.
struct Recipe {
  ModelSpec model = shipped_model("llama-3.1-70b");
  DeviceRates rates = h100_rates(Precision::bf16);
  Calibration calibration = shipped_calibration();
  EngineProfile engine = shipped_engine();
  ReplicaShape shape{Precision::bf16, 4, 1024, 8192};

  std::shared_ptr<const StepTimeModel> make() const {
    return make_closed_form(model, rates, calibration, engine, shape);
  }
};

Ticks decode_at(const StepTimeModel& model, std::int32_t sequences, std::int64_t context) {
  return model.decode(sequences, context).at(context);
}

Ticks prefill_at(const StepTimeModel& model, PrefillChunk chunk, std::int32_t decoding = 0,
                 std::int64_t context = 0) {
  return model.mixed({{&chunk, 1}, decoding, context, decoding + 1});
}

double milliseconds(Ticks ticks) { return seconds_from_ticks(ticks) * 1e3; }

/// Batches from one sequence to full, with short and long contexts.
struct Batch {
  std::int32_t sequences;
  std::int64_t context;
};
std::vector<Batch> batches() {
  std::vector<Batch> all;
  for (const std::int32_t n : {1, 2, 3, 4, 5, 8, 9, 31, 32, 33, 255, 256, 257, 511, 512, 513, 1024})
    for (const std::int64_t per_sequence : {1, 100, 2000, 100'000})
      all.push_back({n, n * per_sequence});
  return all;
}

}  // namespace

TEST_CASE("a decode step costs a whole number of ticks that is linear in the context",
          "[step_time]") {
  const auto model = Recipe{}.make();
  for (const Batch& batch : batches()) {
    const DecodeLine line = model->decode(batch.sequences, batch.context);
    CHECK(line.context_end > batch.context);
    for (const std::int64_t context : {batch.context + 1, 2 * batch.context, 9 * batch.context})
      if (context < line.context_end)
        CHECK(decode_at(*model, batch.sequences, context) == line.at(context));
  }
}

TEST_CASE(
    "where the host is slower, the decode line is flat up to the kink and exact on both sides",
    "[step_time]") {
  Recipe slow_host;
  slow_host.engine.host_base = Seconds{20e-3};
  Recipe no_host;
  no_host.engine.host_base = Seconds{0};
  no_host.engine.host_per_sequence = Seconds{0};
  const auto model = slow_host.make();
  const auto gpu = no_host.make();
  const DecodeLine flat = model->decode(16, 1);
  CHECK(flat.per_context_token == 0);
  const std::int64_t kink = flat.context_end;
  REQUIRE(kink > 1000);
  REQUIRE(kink < 1'000'000'000);
  CHECK(decode_at(*model, 16, kink) == decode_at(*gpu, 16, kink));
  CHECK(decode_at(*model, 16, kink) >= flat.base);
  CHECK(decode_at(*gpu, 16, kink - 1) < flat.base);
  CHECK(decode_at(*model, 16, kink - 1) == flat.base);
}

TEST_CASE("without asynchronous scheduling the host's time adds to every step", "[step_time]") {
  Recipe synchronous;
  synchronous.engine.async_scheduling = false;
  const auto with = Recipe{}.make();
  const auto without = synchronous.make();
  for (const std::int32_t n : {1, 8, 64}) {
    const Ticks host = ticks_from_seconds(
        (synchronous.engine.host_base + synchronous.engine.host_per_sequence * n).count());
    CHECK(decode_at(*without, n, 1000 * n) - decode_at(*with, n, 1000 * n) == host);
  }
  CHECK(prefill_at(*without, {512, 0}) > prefill_at(*with, {512, 0}));
}

TEST_CASE("a step never costs less with more context, more sequences or more tokens",
          "[step_time]") {
  for (const std::int32_t gpus : {1, 2, 4, 8}) {
    Recipe recipe;
    recipe.model = shipped_model("llama-3.1-8b");
    recipe.shape.tensor_parallel = gpus;
    const auto model = recipe.make();
    for (std::int32_t n = 1; n < 1024; ++n) {
      CHECK(decode_at(*model, n, 50'000) <= decode_at(*model, n, 50'001));
      CHECK(decode_at(*model, n, 50'000) <= decode_at(*model, n + 1, 50'000));
      CHECK(decode_at(*model, n, 50'000) <= prefill_at(*model, {1, 0}, n - 1, 50'000));
    }
    for (std::int32_t tokens = 1; tokens < 8192; tokens += 7) {
      CHECK(prefill_at(*model, {tokens, 0}) <= prefill_at(*model, {tokens + 1, 0}));
      CHECK(prefill_at(*model, {tokens, 0}) <= prefill_at(*model, {tokens, 1}));
      CHECK(prefill_at(*model, {tokens, 64}) <= prefill_at(*model, {tokens, 64}, 1, 10));
    }
  }
}

TEST_CASE("a step never costs less on less bandwidth, lower clocks or a slower host",
          "[step_time]") {
  const Recipe base;
  Recipe narrow = base;
  narrow.rates.memory = BytesPerSecond{2.0e12};
  Recipe slow = base;
  slow.rates.bf16 = slow.rates.matrix = FlopPerSecond{500e12};
  Recipe busy_host = base;
  busy_host.engine.host_base = Seconds{40e-3};
  const auto reference = base.make();
  for (const Recipe& worse : {narrow, slow, busy_host}) {
    const auto model = worse.make();
    for (const Batch& batch : batches())
      CHECK(decode_at(*model, batch.sequences, batch.context) >=
            decode_at(*reference, batch.sequences, batch.context));
    for (const std::int32_t tokens : {1, 64, 512, 2048, 8192})
      CHECK(prefill_at(*model, {tokens, 4096}, 16, 16'000) >=
            prefill_at(*reference, {tokens, 4096}, 16, 16'000));
  }
}

TEST_CASE("decode steps are padded to the captured batch sizes", "[step_time]") {
  Recipe recipe;
  recipe.calibration.decode_attention.per_sequence_head = Seconds{0};
  recipe.engine.host_per_sequence = Seconds{0};
  recipe.model.vocab = 4;  // no head to speak of
  const auto model = recipe.make();
  const auto step = [&](std::int32_t n) { return milliseconds(decode_at(*model, n, 10'000)); };
  CHECK(step(17) == Approx(step(24)).epsilon(1e-5));
  CHECK(step(24) < step(25) - 1e-3);
  CHECK(step(513) > step(512));
}

TEST_CASE("a prompt in two chunks attends to as many pairs of tokens as in one", "[step_time]") {
  Recipe recipe;  // leave attention's quadratic part alone
  recipe.calibration.prefill_attention.per_token_head = Seconds{0};
  recipe.calibration.decode_attention.memory_efficiency =
      1e9;  // cached tokens cost nothing to read
  const auto model = recipe.make();
  const auto attention = [&](PrefillChunk chunk) {
    return prefill_at(*model, chunk) - prefill_at(*model, {1, 0});
  };
  const auto extra = [&](std::int32_t cached) {
    return attention({1000, cached}) - attention({1000, 0});
  };
  CHECK(static_cast<double>(extra(2000)) == Approx(2.0 * static_cast<double>(extra(1000))));
}

TEST_CASE("a 70B decode step on four H100 reads the weights once, and little more", "[step_time]") {
  const auto model = Recipe{}.make();
  const double weights_ms =
      static_cast<double>(weight_bytes(Recipe{}.model, quantization_of(Precision::bf16)).count()) / 4 / 3.35e12 *
      1e3;
  const double step_ms = milliseconds(decode_at(*model, 1, 100));
  CHECK(step_ms > weights_ms);
  CHECK(step_ms < 2 * weights_ms);
}

TEST_CASE("the same recipe gives the same ticks", "[step_time]") {
  const auto first = Recipe{}.make();
  const auto second = Recipe{}.make();
  for (const Batch& batch : batches())
    CHECK(decode_at(*first, batch.sequences, batch.context) ==
          decode_at(*second, batch.sequences, batch.context));
  // Frozen on one machine and expected on every other: the arithmetic is portable.
  CHECK(decode_at(*first, 32, 32'000) == 1213563642590);
  CHECK(prefill_at(*first, {2048, 1024}, 16, 16'000) == 9066319671165);
}
