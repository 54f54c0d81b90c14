#include "planner/validation/step_anchor.hpp"

#include "planner/validation/batch_time.hpp"
#include "tests/catch.hpp"
#include "tests/unit/planner/anchored_law.hpp"

namespace plimsoll {
namespace {

MeasuredStep decode_of(double measured_s, std::int32_t sequences) {
  return {measured_s, [sequences](const ServingDeployment& deployment) {
            return decode_step_s(deployment, sequences, 1000 * sequences);
          }};
}

double decode_s(const Anchor& anchor, std::int32_t sequences) {
  return decode_step_s(anchored_deployment(anchor), sequences, 1000 * sequences);
}

TEST_CASE("anchor points are the groups of rows at the 20th and 80th percentile of load") {
  const AnchorRows few = anchor_rows({30, 10, 20, 40, 50, 60});
  CHECK(few[0] == std::vector<std::size_t>{2});
  CHECK(few[1] == std::vector<std::size_t>{4});
  std::vector<double> many;
  for (int i = 0; i < 200; ++i) many.push_back(200 - i);
  const AnchorRows groups = anchor_rows(many);
  CHECK(groups[0].size() == 10);
  CHECK(groups[1].size() == 10);
  for (const std::size_t i : groups[0]) CHECK(many[i] == Approx(45).margin(6));
  for (const std::size_t i : groups[1]) CHECK(many[i] == Approx(166).margin(6));
}

TEST_CASE("anchor points are two different rows however few there are") {
  for (const std::size_t count : {3u, 4u, 5u}) {
    const AnchorRows rows = anchor_rows(std::vector<double>(count, 8.0));
    CHECK(rows[0].size() == 1);
    CHECK(rows[0] != rows[1]);
  }
}

TEST_CASE("two measured steps give back the scale and the offset that made them") {
  Anchor truth;
  truth.decode_scale = 1.3;
  truth.step_offset = Seconds{2e-3};
  const Anchor found = anchor_to_steps(
      anchored_deployment, AnchoredWork::decode,
      {decode_of(decode_s(truth, 8), 8), decode_of(decode_s(truth, 64), 64)}, Seconds{-1e-3});
  CHECK(found.points == 2);
  CHECK(found.decode_scale == Approx(1.3).epsilon(1e-3));
  CHECK(found.prefill_scale == 1);
  CHECK(found.step_offset.count() == Approx(2e-3).epsilon(1e-2));
  CHECK(decode_s(found, 32) == Approx(decode_s(truth, 32)).epsilon(1e-3));
}

TEST_CASE("an anchor takes no more from a step than the engine's own overhead") {
  const MeasuredStep low = decode_of(decode_s({}, 8) - 2e-3, 8);
  const MeasuredStep high = decode_of(decode_s({}, 64) - 2e-3, 64);
  const Anchor found =
      anchor_to_steps(anchored_deployment, AnchoredWork::decode, {low, high}, Seconds{-1e-3});
  CHECK(found.step_offset.count() >= -1e-3);
  const double low_error = decode_s(found, 8) / low.measured_s;
  const double high_error = decode_s(found, 64) / high.measured_s;
  CHECK(low_error * high_error == Approx(1).epsilon(1e-3));
}

TEST_CASE("two steps alike tell of a scale only") {
  const double measured_s = 1.2 * decode_s({}, 16);
  const Anchor found =
      anchor_to_steps(anchored_deployment, AnchoredWork::decode,
                      {decode_of(measured_s, 16), decode_of(measured_s, 16)}, Seconds{0});
  CHECK(found.step_offset.count() == 0);
  CHECK(decode_s(found, 16) == Approx(measured_s).epsilon(1e-3));
}

TEST_CASE("steps that prefill anchor the scale of prefill") {
  const auto prefill_of = [](const ServingDeployment& deployment, std::int32_t tokens) {
    return mixed_step_s(deployment, {1, tokens, 0}, 0, 0);
  };
  Anchor truth;
  truth.prefill_scale = 0.8;
  truth.step_offset = Seconds{1e-3};
  const auto step = [&](std::int32_t tokens) {
    return MeasuredStep{prefill_of(anchored_deployment(truth), tokens),
                        [=](const ServingDeployment& d) { return prefill_of(d, tokens); }};
  };
  const Anchor found = anchor_to_steps(anchored_deployment, AnchoredWork::prefill,
                                       {step(500), step(4000)}, Seconds{0});
  CHECK(found.decode_scale == 1);
  CHECK(found.prefill_scale == Approx(0.8).epsilon(1e-3));
  CHECK(found.step_offset.count() == Approx(1e-3).epsilon(1e-2));
}

TEST_CASE("passes that a host launches beside the GPU have a floor, and a scale above it") {
  const auto prefill_of = [](const ServingDeployment& deployment, std::int32_t tokens) {
    return mixed_step_s(deployment, {1, tokens, 0}, 0, 0);
  };
  const auto step = [&](double measured_s, std::int32_t tokens) {
    return MeasuredStep{measured_s,
                        [=](const ServingDeployment& d) { return prefill_of(d, tokens); }};
  };
  const double longer_s = 0.7 * (prefill_of(small_deployment(small_law()), 4000) - 5e-3) + 5e-3;
  const Anchor found = anchor_to_steps(anchored_deployment, AnchoredWork::launched_prefill,
                                       {step(33e-3, 100), step(longer_s, 4000)}, Seconds{0});
  CHECK(found.prefill_scale == Approx(0.7).epsilon(1e-3));
  CHECK(found.prefill_floor.count() == 33e-3);
  CHECK(found.step_offset.count() == 0);
}

}  // namespace
}  // namespace plimsoll
