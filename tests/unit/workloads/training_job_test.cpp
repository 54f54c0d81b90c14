#include "workloads/jobs/training_job.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/unit/workloads/training_samples.hpp"

using namespace plimsoll;
using samples::gang_of;
using samples::on_nodes;
using samples::small_training;
using samples::training_job;
using samples::training_places;

namespace {

double step_s(const TrainingJob& job, const PlacementShape& shape) {
  return job.step(shape).total_s();
}

}  // namespace

TEST_CASE("a job's step is the training model's on its placement", "[training]") {
  const auto places = training_places({{"hgx_h100_8", "rail_optimized", 64}});
  const auto job = training_job(small_training(), gang_of(2, 8), places);
  const PlacementShape shape = on_nodes({8, 8}, 1);
  TrainingCut cut = job->spec().cut;
  CHECK(cut.gpus == 16);
  TrainingGpus gpus;
  gpus.rate = gpus.bf16_rate = FlopPerSecond{989e12};
  gpus.memory_bandwidth = BytesPerSecond{3.35e12};
  gpus.nodes = gpus.islands = 2;
  gpus.fewest = gpus.aligned = 8;
  gpus.island_bandwidth = BytesPerSecond{450e9};
  gpus.network_bandwidth = BytesPerSecond{0.92 * 50e9};
  const TrainingStep by_hand =
      training_step(shipped_model("llama-3.1-8b"), cut, gpus, *places->kinds()[0].law);
  CHECK(step_s(*job, shape) == Approx(by_hand.total_s()).epsilon(1e-9));
  CHECK(to_seconds(job->time_to_end({}, shape)) == Approx(1000 * by_hand.total_s()));
}

TEST_CASE("the farther apart its nodes, the longer a step; one node is shortest per GPU",
          "[training]") {
  const auto places = training_places({{"hgx_h100_8", "ethernet", 600}});
  TrainingJobConfig config = small_training();
  config.tensor = 8;
  const auto job = training_job(config, gang_of(2, 8), places);
  double before = 0;
  for (std::int32_t span = 1; span <= 5; ++span) {
    const double now = step_s(*job, on_nodes({8, 8}, span));
    CHECK(now >= before);
    before = now;
  }
  CHECK(step_s(*job, on_nodes({8, 8}, 3)) > step_s(*job, on_nodes({8, 8}, 2)));
  const auto small = training_job(config, gang_of(1, 8), places);
  CHECK(step_s(*small, on_nodes({8}, -1)) < 2 * step_s(*job, on_nodes({8, 8}, 1)));
  CHECK(step_s(*small, on_nodes({8}, -1)) < step_s(*small, on_nodes({4, 4}, 1)));
  CHECK(step_s(*small, on_nodes({4, 4}, 1)) <
        step_s(*small, on_nodes({1, 1, 1, 1, 1, 1, 1, 1}, 1)));
}

TEST_CASE("a rack of NVLink is faster than two halves of racks", "[training]") {
  const auto places = training_places({{"gb200_nvl72", "nvl72", 36}});
  TrainingJobConfig config = small_training();
  config.tensor = 8;
  const auto job = training_job(config, gang_of(16, 4), places);
  const std::vector<std::int32_t> nodes(16, 4);
  PlacementShape split = on_nodes(nodes, 2);
  split.gpus_per_island = {32, 32};
  CHECK(job->step(on_nodes(nodes, 0)).data_s < job->step(split).data_s);
  CHECK(step_s(*job, on_nodes(nodes, 0)) < step_s(*job, split));
}

TEST_CASE("what has run and what is left make up the whole, to the nanosecond", "[training]") {
  const auto places = training_places({{"hgx_h100_8", "ethernet", 600}});
  const auto job = training_job(small_training(), gang_of(2, 8), places);
  const PlacementShape near = on_nodes({8, 8}, 1);
  const PlacementShape far = on_nodes({8, 8}, 4);
  const Duration whole = job->time_to_end({}, near);
  JobProgress progress;
  Duration ran{};
  for (std::int64_t i = 1; ran + Duration{i * 7'777'777'777} < whole; ++i) {
    const Duration run{i * 7'777'777'777};
    progress = job->after(progress, near, run);
    ran += run;
    REQUIRE(job->time_to_end(progress, near) == whole - ran);
  }
  progress = job->after(progress, near, job->time_to_end(progress, near));
  CHECK(progress.epoch == 1000);
  CHECK(job->time_to_end(progress, far) == Duration{});
  const JobProgress half = job->after({}, near, whole / 2);
  const Duration rest = job->time_to_end(half, far);
  CHECK(to_seconds(rest) == Approx(to_seconds(job->time_to_end({}, far)) / 2));
  CHECK(job->time_to_end(job->after(half, far, rest), far) == Duration{});
  CHECK(job->time_to_end(job->after(half, far, rest - Duration{1}), far) == Duration{1});
}

TEST_CASE("a slow node holds up the whole job, the more the slower", "[training]") {
  const auto places = training_places({{"hgx_h100_8", "rail_optimized", 64}});
  const auto job = training_job(small_training(), gang_of(2, 8), places);
  PlacementShape shape = on_nodes({8, 8}, 1);
  Duration before = job->time_to_end({}, shape);
  for (const double slowdown : {1.05, 1.2, 2.0}) {
    shape.slowdown = slowdown;
    CHECK(job->time_to_end({}, shape) > before);
    before = job->time_to_end({}, shape);
  }
}

TEST_CASE("twice the GPUs at the same batch are at most twice as fast", "[training]") {
  const auto places = training_places({{"hgx_h100_8", "rail_optimized", 64}});
  JobSpec gang = gang_of(2, 8);
  gang.min_workers = 1;
  gang.max_workers = 32;
  const auto job = training_job(small_training(), gang, places);
  for (std::int32_t nodes = 1; nodes <= 16; nodes *= 2) {
    const double few = step_s(*job, places->packed(0, 8 * nodes));
    const double many = step_s(*job, places->packed(0, 16 * nodes));
    CHECK(many < few);
    CHECK(few / many <= 2);
  }
}

TEST_CASE("GPUs beyond whole replicas idle", "[training]") {
  const auto places = training_places({{"hgx_h100_8", "rail_optimized", 64}});
  JobSpec gang = gang_of(8, 1);
  gang.min_workers = 4;
  gang.max_workers = 16;
  const auto job = training_job(small_training(), gang, places);
  CHECK(job->cut(7).gpus == 4);
  CHECK(step_s(*job, on_nodes({7}, -1)) == step_s(*job, on_nodes({4}, -1)));
  CHECK(step_s(*job, on_nodes({8}, -1)) < step_s(*job, on_nodes({7}, -1)));
}

TEST_CASE("a job reports the speed that it has on each number of workers and kind of GPU",
          "[training]") {
  const auto places =
      training_places({{"hgx_h100_8", "rail_optimized", 4}, {"hgx_h200_8", "rail_optimized", 4}});
  JobSpec gang = gang_of(1, 2, 0b01);
  gang.min_workers = 2;
  gang.max_workers = 100;
  const auto job = training_job(small_training(), gang, places);
  const JobReport report = job->report({10, 0.5}, {});
  CHECK(report.remaining_steps == 989.5);
  REQUIRE(report.speed->step_s.size() == 16);  // as many as the kind's 32 GPUs hold
  CHECK(std::isinf(report.speed->step_s[0]));  // two GPUs of the four that a replica takes
  CHECK(report.speed->step_s[3] == Approx(step_s(*job, on_nodes({8}, -1))));
  REQUIRE(report.speed->steps_per_s.size() == 2);
  CHECK(report.speed->steps_per_s[0] == Approx(1 / step_s(*job, on_nodes({4}, -1))));
  CHECK(report.speed->steps_per_s[1] == 0);
}

TEST_CASE("what would take longer than any run takes a hundred years", "[training]") {
  const auto places = training_places({{"hgx_h100_8", "rail_optimized", 4}});
  TrainingJobConfig config = small_training();
  config.steps = 1'000'000'000;
  config.batch = 100'000'000;
  const auto job = training_job(config, gang_of(1, 8), places);
  PlacementShape shape = on_nodes({8}, -1);
  shape.slowdown = 1e9;
  const Duration whole = job->time_to_end({}, shape);
  CHECK(to_seconds(whole) == Approx(3.15e9));
  CHECK(job->after({}, shape, whole).epoch < 1'000'000'000);
}
