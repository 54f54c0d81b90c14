// The plain linear model: its decode line and its kink.
#include "tests/catch.hpp"
#include "workloads/step_time/linear.hpp"

using namespace plimsoll;

TEST_CASE("the linear model is linear in sequences, context and prefill tokens", "[step_time]") {
  const LinearStepTime model(
      {.base = 100, .per_sequence = 10, .per_context_token = 2, .per_prefill_token = 7});
  CHECK(model.decode(3, 50).at(50) == 100 + 30 + 100);
  const PrefillChunk chunks[] = {{4, 0}, {6, 100}};
  CHECK(model.mixed({chunks, 3, 50, 4}) == 100 + 30 + 100 + 70);
}

TEST_CASE(
    "the linear model's host floor holds up to exactly the context where the GPU overtakes it",
    "[step_time]") {
  const LinearStepTime model(
      {.base = 100, .per_sequence = 10, .per_context_token = 7, .host_floor = 500});
  for (std::int64_t context = 1; context < 200; ++context) {
    const DecodeLine line = model.decode(2, context);
    CHECK(context < line.context_end);
    CHECK(line.at(context) == std::max<Ticks>(500, 120 + 7 * context));
  }
  const DecodeLine flat = model.decode(2, 1);
  CHECK(flat.per_context_token == 0);
  CHECK(flat.context_end == 55);  // 120 + 7 * 55 = 505 is the first above the floor
}

TEST_CASE("a linear model without context cost stays on its floor for ever", "[step_time]") {
  const LinearStepTime model({.base = 100, .host_floor = 500});
  CHECK(model.decode(1, 1'000'000).at(1'000'000) == 500);
  CHECK(model.decode(1, 1).context_end == DecodeLine{}.context_end);
}
