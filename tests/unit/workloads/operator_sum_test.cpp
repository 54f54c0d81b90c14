// The step-time model of operators: its laws, its exactness and its order of magnitude.
#include "workloads/step_time/operator_sum.hpp"

#include <cmath>
#include <vector>

#include "tests/catch.hpp"
#include "tests/unit/workloads/catalog_under_test.hpp"
#include "workloads/step_time/datasheet_laws.hpp"
#include "workloads/step_time/decode_law.hpp"

using namespace plimsoll;

namespace {

/// Laws without tables, so that these tests are of the model and not of a fit.
OperatorLaws plain_laws() {
  return datasheet_laws(HardwareCatalog(shipped_roots()).gpu("nvidia_h100_sxm", {}));
}

/// Everything that a model is made of; a test changes what it is about.
struct Recipe {
  ReplicaRecipe replica{.model = shipped_model("llama-3.1-70b"),
                        .parallelism = {.tensor = 4},
                        .rates = h100_rates(),
                        .laws = plain_laws()};
  EngineProfile engine = shipped_engine();
  StepShape shape{.max_num_seqs = 1024, .max_num_batched_tokens = 8192, .max_model_len = 131072};

  std::shared_ptr<const StepTimeModel> make() const {
    return make_operator_sum(ReplicaOperators(replica), engine, shape);
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
    recipe.replica.model = shipped_model("llama-3.1-8b");
    recipe.replica.parallelism.tensor = gpus;
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

TEST_CASE("in a batch that prefills, each further sequence costs rows of the longest chunk",
          "[step_time]") {
  Recipe recipe;
  for (DecodeAttentionLaw& law : recipe.replica.laws.decode_attention) {
    law.mixed_head_us = 0.02;
    law.mixed_row_us = 3e-5;
  }
  const auto with = recipe.make();
  const auto without = Recipe{}.make();
  const auto added = [&](std::int32_t tokens, std::int32_t decoding) {
    return milliseconds(prefill_at(*with, {tokens, 0}, decoding, 1000 * decoding) -
                        prefill_at(*without, {tokens, 0}, decoding, 1000 * decoding));
  };
  CHECK(added(2048, 0) == 0);
  // 80 layers of 16 heads on each rank.
  CHECK(added(2048, 128) - added(1024, 128) == Approx(80 * 16 * 128 * 3e-5 * 1024 * 1e-3));
}

TEST_CASE("a token of uneven contexts costs the spread's factor, of one context nothing more",
          "[step_time]") {
  Recipe uneven;
  for (DecodeAttentionLaw& law : uneven.replica.laws.decode_attention)
    law.spread = {{{"tiles", {64, 128}}}, {0, 0.2}};
  const auto with = uneven.make();
  const auto without = Recipe{}.make();
  const auto slope = [](const StepTimeModel& model, std::int32_t sequences) {
    return static_cast<double>(model.decode(sequences, 1'000'000'000).per_context_token);
  };
  CHECK(slope(*with, 1) == slope(*without, 1));
  CHECK(slope(*with, 32) == slope(*without, 32));  // of two KV heads on each rank
  CHECK(slope(*with, 64) / slope(*without, 64) == Approx(std::exp(0.2)).epsilon(0.001));
  CHECK(prefill_at(*with, {1, 0}, 64, 1'000'000) > prefill_at(*without, {1, 0}, 64, 1'000'000));
}

TEST_CASE("a step never costs less on less bandwidth, lower clocks or a slower host",
          "[step_time]") {
  const Recipe base;
  Recipe narrow = base;
  narrow.replica.rates.memory = BytesPerSecond{2.0e12};
  Recipe slow = base;
  slow.replica.rates.bf16 = FlopPerSecond{500e12};
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
  recipe.replica.laws.decode_attention[0].base_us = {{{"sequences", {1}}, {"heads", {1}}}, {2}};
  recipe.engine.host_per_sequence = Seconds{0};
  recipe.replica.model.vocab = 4;  // no head to speak of
  const auto model = recipe.make();
  const auto step = [&](std::int32_t n) { return milliseconds(decode_at(*model, n, 10'000)); };
  CHECK(step(17) == Approx(step(24)).epsilon(1e-5));
  CHECK(step(24) < step(25) - 1e-3);
  CHECK(step(513) > step(512));
}

TEST_CASE("a prompt in two chunks attends to as many pairs of tokens as in one", "[step_time]") {
  Recipe recipe;  // leave attention's quadratic part alone
  recipe.replica.laws.prefill_attention[0].slowdown = {};
  recipe.replica.laws.decode_attention[0].read = {{{"sequences", {1}}, {"kv_heads", {1}}},
                                                  {-20}};  // cached tokens cost nothing to read
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
      static_cast<double>(
          weight_bytes(Recipe{}.replica.model, quantization_of(Precision::bf16)).count()) /
      4 / 3.35e12 * 1e3;
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
  CHECK(decode_at(*first, 32, 32'000) == 1282682590526);
  CHECK(prefill_at(*first, {2048, 1024}, 16, 16'000) == 9224201421291);
}

TEST_CASE("beyond the window of its layers, a step grows by the other layers alone",
          "[step_time]") {
  Recipe recipe;
  recipe.replica.model = shipped_model("gpt-oss-120b");
  recipe.replica.quantization = quantization_of(Precision::mxfp4);
  recipe.replica.laws.mixture["mxfp4"] = {.launch_us = 20, .grid = {}, .skew = {}, .quality = {}};
  recipe.engine.host_base = Seconds{0};
  recipe.engine.host_per_sequence = Seconds{0};
  const auto model = recipe.make();
  const std::int64_t window = recipe.replica.model.window->tokens;
  const DecodeLine below = model->decode(10, 1);
  CHECK(below.context_end == 10 * window);
  const DecodeLine beyond = model->decode(10, below.context_end);
  CHECK(below.at(below.context_end) == beyond.at(below.context_end));
  CHECK(below.per_context_token > beyond.per_context_token);
  CHECK(beyond.per_context_token > 0);
  const double layers = recipe.replica.model.layers;
  const double full = layers - recipe.replica.model.window->layers;
  CHECK(static_cast<double>(beyond.per_context_token) ==
        Approx(static_cast<double>(below.per_context_token) * full / layers).epsilon(0.01));
}

TEST_CASE("a host slower than the windowed part meets the GPU on its second piece", "[step_time]") {
  const GpuDecodeLaw gpu{.base = 100, .growing = 1, .capped = 9, .capped_until = 10};
  const DecodeLaw law(gpu, 250, 1000);
  CHECK(law.line(0).at(0) == 1250);
  CHECK(law.line(0).context_end == 60);  // 100 + 90 + 60 = 250
  CHECK(law.line(60).at(60) == 1250);
  CHECK(law.line(61).at(61) == 1251);
  const DecodeLaw fast(gpu, 150, 1000);
  CHECK(fast.line(0).context_end == 5);
  CHECK(fast.line(5).at(5) == 1150);
  CHECK(fast.line(5).context_end == 10);
  CHECK(fast.line(10).at(10) == 1200);
}

TEST_CASE("a pipeline of two halves what two micro-batches take, and helps one sequence nothing",
          "[step_time]") {
  Recipe whole;
  whole.replica.model.vocab = 4;  // the last stage's head is no part of this
  Recipe staged = whole;
  staged.replica.parallelism.pipeline = 2;
  CollectiveLaw send{.operation = "send_recv",
                     .gpus = 2,
                     .time_us = {{{"bytes", {1, 2}}}, {-30, -30}},
                     .quality = {}};
  staged.replica.laws.collectives.push_back(send);
  for (Recipe* recipe : {&whole, &staged}) {
    recipe->engine.host_base = Seconds{0};
    recipe->engine.host_per_sequence = Seconds{0};
    recipe->engine.overhead_per_layer = Seconds{0};
  }
  const auto one = whole.make();
  const auto two = staged.make();
  CHECK(milliseconds(decode_at(*two, 64, 64'000)) ==
        Approx(milliseconds(decode_at(*one, 32, 32'000))).epsilon(1e-3));
  CHECK(milliseconds(decode_at(*two, 1, 1000)) ==
        Approx(milliseconds(decode_at(*one, 1, 1000))).epsilon(1e-3));
  // A lone prompt passes both stages; two prompts of equal length fill them.
  CHECK(milliseconds(prefill_at(*two, {2048, 0})) ==
        Approx(milliseconds(prefill_at(*one, {2048, 0}))).epsilon(1e-3));
  const std::vector<PrefillChunk> pair{{2048, 0}, {2048, 0}};
  CHECK(milliseconds(two->mixed({pair, 0, 0, 2})) ==
        Approx(milliseconds(prefill_at(*one, {2048, 0}))).epsilon(0.01));
}

TEST_CASE("speculation verifies more tokens and divides by those accepted", "[step_time]") {
  Recipe plain;
  plain.engine.graph_sizes.clear();
  Recipe speculative = plain;
  speculative.shape.speculative = {.draft_tokens = 3, .accepted_length = 2.5, .draft_share = 0.1};
  const auto one = plain.make();
  const auto many = speculative.make();
  // Nothing accepted, nothing drafted for free: the pace is a step's of four times the tokens, over one.
  speculative.shape.speculative = {.draft_tokens = 3, .accepted_length = 1, .draft_share = 0};
  const auto vain = speculative.make();
  CHECK(decode_at(*vain, 8, 8000) > decode_at(*one, 8, 8000));
  const double host = 2.048e-3;  // 80 layers of 25.6 us
  const double verify = seconds_from_ticks(decode_at(*vain, 8, 8000)) - host;
  const double step = seconds_from_ticks(decode_at(*one, 8, 8000)) - host;
  CHECK(seconds_from_ticks(decode_at(*many, 8, 8000)) ==
        Approx((verify + 0.3 * step + host) / 2.5).epsilon(1e-6));
}

TEST_CASE("an anchor scales decoding and what prompts add, and offsets every step", "[step_time]") {
  Recipe plain;
  plain.engine.host_base = Seconds{0};
  plain.engine.host_per_sequence = Seconds{0};
  plain.engine.overhead_per_layer = Seconds{0};
  Recipe anchored = plain;
  anchored.shape.anchor = {.decode_scale = 1.2, .prefill_scale = 0.5, .step_offset = Seconds{1e-3}};
  const auto before = plain.make();
  const auto after = anchored.make();
  const auto ms = [](const StepTimeModel& model, std::int32_t n, std::int64_t context) {
    return milliseconds(decode_at(model, n, context));
  };
  CHECK(ms(*after, 32, 64'000) == Approx(1.2 * ms(*before, 32, 64'000) + 1).epsilon(1e-6));
  const double added =
      milliseconds(prefill_at(*before, {2048, 512}, 16, 16'000)) - ms(*before, 16, 16'000);
  CHECK(milliseconds(prefill_at(*after, {2048, 512}, 16, 16'000)) ==
        Approx(1.2 * ms(*before, 16, 16'000) + 0.5 * added + 1).epsilon(1e-6));
  CHECK(milliseconds(prefill_at(*after, {2048, 0})) >
        0.5 * milliseconds(prefill_at(*before, {2048, 0})));
}

TEST_CASE("the largest batch allowed is captured in place of a larger one", "[step_time]") {
  Recipe few, many;
  few.engine.graph_sizes = many.engine.graph_sizes = {1, 8, 64, 1024};
  few.shape.max_num_seqs = 100;
  const auto small = few.make(), large = many.make();
  CHECK(decode_at(*small, 90, 90'000) < decode_at(*large, 90, 90'000));
  CHECK(10 * decode_at(*small, 90, 90'000) < 12 * decode_at(*large, 64, 90'000));
  CHECK(decode_at(*small, 60, 60'000) == decode_at(*large, 60, 60'000));
}

TEST_CASE("every shipped model has a step time that grows with its load", "[step_time]") {
  WorkloadCatalog catalog(shipped_roots());
  for (const std::string& name : catalog.models().names()) {
    INFO(name);
    Recipe recipe;
    recipe.replica.model = catalog.model(name, {});
    recipe.replica.parallelism.tensor = 1;
    recipe.replica.laws = completed_laws(
        shipped_calibration().laws, HardwareCatalog(shipped_roots()).gpu("nvidia_h100_sxm", {}));
    const auto model = recipe.make();
    for (std::int32_t n = 1; n < 1024; n += 31) {
      CHECK(decode_at(*model, n, 1000 * n) > 0);
      CHECK(decode_at(*model, n, 1000 * n) <= decode_at(*model, n + 1, 1000 * (n + 1)));
      CHECK(decode_at(*model, n, 1000 * n) <= decode_at(*model, n, 1000 * n + 1));
    }
    for (std::int32_t tokens = 1; tokens < 8192; tokens += 257) {
      CHECK(prefill_at(*model, {tokens, 0}) <= prefill_at(*model, {tokens + 1, 0}));
      CHECK(prefill_at(*model, {tokens, 100}) <= prefill_at(*model, {tokens, 9000}));
    }
  }
}
