// Published steps that no efficiency of the training laws was fitted to.
#include <cmath>

#include "tests/catch.hpp"
#include "tests/unit/workloads/training_samples.hpp"

using namespace plimsoll;

namespace {

struct PublishedStep {
  const char* node;
  const char* fabric;
  std::int32_t gpus_per_node;
  const char* model;
  std::int32_t gpus, batch, micro_batch, tensor, pipeline, context, virtual_stages;
  double tokens_per_s_per_gpu;
};

// NVIDIA-NeMo/Megatron-Bridge (Apache-2.0) 00b7660be025, docs/performance-summary.md, container 25.11: Llama 3 in
// FP8-CS with sequences of 8,192 tokens; of the larger models, those that are not fully sharded.
constexpr PublishedStep kSteps[] = {
    {"hgx_h100_8", "rail_optimized", 8, "llama-3.1-8b", 8, 128, 1, 1, 1, 1, 1, 14451},
    {"hgx_h100_8", "rail_optimized", 8, "llama-3.1-70b", 64, 128, 1, 4, 8, 1, 5, 1602},
    {"hgx_h100_8", "rail_optimized", 8, "llama-3.1-405b", 1024, 512, 1, 8, 8, 2, 8, 292},
    {"hgx_b200_8", "rail_optimized", 8, "llama-3.1-8b", 8, 128, 2, 1, 1, 1, 1, 30624},
    {"hgx_b200_8", "rail_optimized", 8, "llama-3.1-405b", 128, 64, 1, 4, 8, 2, 8, 661},
    {"gb200_nvl72", "nvl72", 4, "llama-3.1-8b", 8, 128, 2, 1, 1, 1, 1, 31508},
    {"gb200_nvl72", "nvl72", 4, "llama-3.1-405b", 256, 1536, 1, 4, 16, 1, 4, 813},
    {"gb300_nvl72", "nvl72", 4, "llama-3.1-8b", 8, 128, 2, 1, 1, 1, 1, 37556},
};

double predicted(const PublishedStep& row) {
  const std::int32_t nodes = row.gpus / row.gpus_per_node;
  const auto places = samples::training_places({{row.node, row.fabric, nodes}});
  TrainingJobConfig config;
  config.model = row.model;
  config.steps = 1;
  config.precision = TrainingPrecision::fp8;
  config.tensor = row.tensor;
  config.pipeline = row.pipeline;
  config.context = row.context;
  config.virtual_stages = row.virtual_stages;
  config.batch = row.batch;
  config.micro_batch = row.micro_batch;
  config.sequence = 8192;
  const auto job =
      samples::training_job(config, samples::gang_of(nodes, row.gpus_per_node), places);
  return tokens_per_s_per_gpu(job->cut(row.gpus), job->step(places->packed(0, row.gpus)));
}

}  // namespace

TEST_CASE("published steps of Llama 3 from 8B to 405B on four GPUs are met within 10 %",
          "[training]") {
  for (const PublishedStep& row : kSteps) {
    INFO(row.model << " on " << row.gpus << " of " << row.node << ": " << row.tokens_per_s_per_gpu
                   << ", predicted " << predicted(row));
    CHECK(std::abs(predicted(row) / row.tokens_per_s_per_gpu - 1) < 0.1);
  }
}
