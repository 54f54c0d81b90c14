#include "planner/validation/steady_load.hpp"

#include "tests/catch.hpp"
#include "tests/unit/planner/small_deployment.hpp"

namespace plimsoll {
namespace {

TEST_CASE("a steady load of long answers takes decode steps, now and then a prompt") {
  const ServingDeployment deployment = small_deployment(small_law());
  const SteadyTimes times = steady_times(deployment, {10, 100, 1000});
  // 5 ms + 10 x 50 us + 10 x 600 tokens x 40 ns
  CHECK(times.decode_step_s == Approx(5.74e-3));
  CHECK(times.median_itl_s == times.decode_step_s);
  // One step in a hundred takes a prompt of 100 x 20 us in place of a decoding sequence (50 us + 24 us).
  CHECK(times.prefill_s() == Approx(0.01 * (2e-3 - 74e-6)).epsilon(1e-3));
}

TEST_CASE("prompts are in the median step once one joins every step") {
  const ServingDeployment deployment = small_deployment(small_law());
  const SteadyTimes times = steady_times(deployment, {200, 100, 100});
  CHECK(times.median_itl_s > times.decode_step_s + 2.5e-3);
  CHECK(times.p99_itl_s > times.median_itl_s);
  CHECK(times.mean_step_s == Approx(times.median_itl_s).epsilon(0.06));
}

TEST_CASE("a step prefills no more than the token budget") {
  ServingDeployment deployment = small_deployment(small_law());
  deployment.max_num_batched_tokens = 300;
  const SteadyTimes times = steady_times(deployment, {200, 1000, 20});
  CHECK(times.p99_itl_s < times.decode_step_s + 300 * 20e-6);
}

TEST_CASE("more sequences than the engine takes count as many as it takes") {
  const ServingDeployment deployment = small_deployment(small_law());
  CHECK(steady_times(deployment, {256.6, 10, 1000}).decode_step_s ==
        steady_times(deployment, {256, 10, 1000}).decode_step_s);
}

}  // namespace
}  // namespace plimsoll
