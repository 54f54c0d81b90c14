#include "workloads/jobs/profiled_application.hpp"

#include "tests/catch.hpp"
#include "workloads/jobs/adaptive_batch_job.hpp"
#include "workloads/jobs/fixed_batch_job.hpp"

namespace plimsoll {

namespace {

/// Steps of 0.1 s + 1 ms per sample, 0.02 s of synchronisation per node beyond the first.
StepTimes times_on(double nodes, double local) {
  const double sync = 0.001 + 0.02 * (nodes - 1);
  return {0.1 + 0.001 * local + sync, sync};
}

ApplicationProfile example() {
  ApplicationProfile profile;
  profile.name = "example";
  for (const std::int32_t batch : {32, 64, 128})
    profile.validation.push_back(
        {batch, {{100, 100.0 * 32 / batch, 1, 64}, {200, 200.0 * 32 / batch, 1, 128}}});
  const std::vector<std::vector<std::int32_t>> placements{{1}, {2}, {4}, {2, 2}, {4, 4}, {1, 2}};
  for (const auto& placement : placements)
    for (const std::int32_t local : {8, 16, 32, 64, 128})
      profile.placements.push_back(
          {placement, local, times_on(static_cast<double>(placement.size()), local)});
  for (const std::int32_t nodes : {2, 4})
    for (const std::int32_t replicas : {4, 8, 16})
      for (const std::int32_t local : {8, 128})
        profile.scalability.push_back({nodes, replicas, local, times_on(nodes, local)});
  return profile;
}

PlacementShape shape(std::vector<std::int32_t> gpus) { return {std::move(gpus), 0, 0}; }

}  // namespace

TEST_CASE("a measured placement counts in any rotation, linear in the local batch", "[jobs]") {
  const ProfiledApplication application(example());
  CHECK(application.times({2, 1}, 24).step_s == Approx(times_on(2, 24).step_s));
  CHECK(application.times({1}, 8).step_s == Approx(times_on(1, 8).step_s));
}

TEST_CASE("placements between measured ones are interpolated; beyond them the law counts",
          "[jobs]") {
  const ProfiledApplication application(example());
  const auto between = application.find_times({2, 2, 2}, 32);
  REQUIRE(between);
  CHECK(between->step_s == Approx(times_on(3, 32).step_s));
  CHECK_FALSE(application.find_times({4, 4, 4, 4, 4}, 32));
  const StepTimes by_law = application.times({4, 4, 4, 4, 4}, 32);
  CHECK(by_law.step_s == application.law().step_s(5, 20, 32));
  CHECK(by_law.sync_s == by_law.step_s - application.law().compute_s(32));
}

TEST_CASE("a batch is split over replicas and steps; one replica alone accumulates", "[jobs]") {
  ApplicationProfile profile = example();
  profile.largest_local_batch = 16;
  const ProfiledApplication application(std::move(profile));
  CHECK(application.split(128, 4) == BatchPlan{16, 1});
  CHECK(application.split(64, 4) == BatchPlan{16, 0});
  CHECK(application.split(32, 1) == BatchPlan{16, 1});
  CHECK(ProfiledApplication(example()).split(64, 1) == BatchPlan{32, 1});
}

TEST_CASE("a job's time to its end is the same, walked in one go or in pieces", "[jobs]") {
  const auto application = std::make_shared<const ProfiledApplication>(example());
  const FixedBatchJob job(application, 64, 4, 8);
  const PlacementShape on = shape({2});
  const Duration whole = job.time_to_end({}, on);
  JobProgress progress;
  Duration walked{};
  for (; walked + from_seconds(1) < whole; walked += from_seconds(1))
    progress = job.after(progress, on, from_seconds(1));
  CHECK(to_seconds(walked + job.time_to_end(progress, on)) == Approx(to_seconds(whole)));
  CHECK(job.after({}, on, whole).epoch == application->epochs());
}

TEST_CASE("a job reports its step times and the iterations that remain", "[jobs]") {
  const auto application = std::make_shared<const ProfiledApplication>(example());
  const FixedBatchJob job(application, 64, 4, 8);
  const JobReport report = job.report({}, {});
  REQUIRE(report.speed->step_s.size() == 8);
  CHECK(report.speed->step_s[3] < report.speed->step_s[0]);
  CHECK(report.remaining_steps == Approx(50));
  CHECK(job.report({1, 0}, {}).remaining_steps == 1);
}

TEST_CASE("the fitted law meets the times that it was fitted to", "[jobs]") {
  const AdaptiveBatchJob job(std::make_shared<const ProfiledApplication>(example()));
  const StepTimeLaw& law = job.report({}, shape({1})).speed->goodput->law;
  for (const std::int32_t local : {8, 32, 128}) {
    CHECK(law.step_s(1, 1, local) == Approx(times_on(1, local).step_s).epsilon(0.05));
    CHECK(law.step_s(2, 4, local) == Approx(times_on(2, local).step_s).epsilon(0.05));
  }
}

TEST_CASE("an adaptive job is done sooner on more GPUs, and with a larger batch", "[jobs]") {
  const AdaptiveBatchJob job(std::make_shared<const ProfiledApplication>(example()));
  CHECK(job.time_to_end({}, shape({4})) < job.time_to_end({}, shape({1})));
  const GoodputModel& model = *job.report({}, shape({1})).speed->goodput;
  const auto quiet = model.best({1, 1}, 1, 4), noisy = model.best({1, 1000}, 1, 4);
  CHECK(noisy.plan.batch(4) > quiet.plan.batch(4));
  CHECK(noisy.goodput > quiet.goodput);
}

}  // namespace plimsoll
