// What is said of a run that left what was measured, and of one that stayed within.
#include "workloads/step_time/measured_range.hpp"

#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

const std::vector<MeasuredRange> kRanges{
    {LoadQuantity::step_tokens, "matrix products, gpu_x", 0, 8192},
    {LoadQuantity::sequences, "decode attention, gpu_x", 0, 256},
    {LoadQuantity::prompt_tokens, "prefill attention, gpu_x", 0, 16384},
    {LoadQuantity::context_tokens, "decode attention, gpu_x", 0, 65536},
    {LoadQuantity::requests_in_flight, "anchor", 8, 64},
    {LoadQuantity::mean_prompt_tokens, "anchor", 512, 512},
};

MetLoad within() {
  return {.step_tokens = 8192,
          .sequences = 256,
          .prompt_tokens = 16384,
          .context_tokens = 65536,
          .requests_in_flight = 8,
          .mean_prompt_tokens = 512};
}

}  // namespace

TEST_CASE("a run that stays within every range says nothing, ends included", "[extrapolation]") {
  CHECK(left_ranges(kRanges, within()).empty());
}

TEST_CASE("each range that a run leaves is one sentence with what it met", "[extrapolation]") {
  MetLoad met = within();
  met.step_tokens = 8193;
  met.prompt_tokens = 20000;
  met.requests_in_flight = 3.14159;
  CHECK(left_ranges(kRanges, met) ==
        std::vector<std::string>{
            "extrapolating: steps of up to 8193 tokens; measured up to 8192 (matrix products, "
            "gpu_x).",
            "extrapolating: prompts of up to 20000 tokens; measured up to 16384 (prefill "
            "attention, gpu_x).",
            "extrapolating: 3.142 requests in flight per replica on average; measured from 8 to 64 "
            "(anchor)."});
}

TEST_CASE("the share beyond is said where it is known", "[extrapolation]") {
  MetLoad met = within();
  met.sequences = 300;
  met.context_tokens = 70000;
  met.share_above = [](LoadQuantity quantity, double most) {
    CHECK(most == (quantity == LoadQuantity::sequences ? 256 : 65536));
    return quantity == LoadQuantity::sequences ? 0.125 : 0.00001;
  };
  const std::vector<std::string> said = left_ranges(kRanges, met);
  REQUIRE(said.size() == 2);
  CHECK(said[0].ends_with("(decode attention, gpu_x); 12.5 % of the time in steps beyond."));
  CHECK(said[1].ends_with("; less than 0.1 % of the requests beyond."));
}

TEST_CASE("means have a tenth of leeway, largest values none", "[extrapolation]") {
  MetLoad met = within();
  met.mean_prompt_tokens = 560;
  met.requests_in_flight = 7.3;
  CHECK(left_ranges(kRanges, met).empty());
  met.mean_prompt_tokens = 570;
  CHECK(left_ranges(kRanges, met) ==
        std::vector<std::string>{
            "extrapolating: prompts of 570 tokens on average; measured at 512 (anchor)."});
}

TEST_CASE("a subject is said once for a quantity, with the first of its ranges",
          "[extrapolation]") {
  const std::vector<MeasuredRange> twice{{LoadQuantity::sequences, "attention", 0, 8},
                                         {LoadQuantity::sequences, "attention", 0, 16}};
  CHECK(left_ranges(twice, {.sequences = 32}).size() == 1);
}
