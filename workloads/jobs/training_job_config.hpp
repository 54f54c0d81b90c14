// `training`: a transformer that is trained for so many steps, as a scenario says it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/config/fields.hpp"
#include "core/error.hpp"
#include "workloads/job_spec.hpp"
#include "workloads/jobs/training_job.hpp"
#include "workloads/jobs/training_places.hpp"
#include "workloads/workload_catalog.hpp"

namespace plimsoll {

/// Exactly one of `steps` and `tokens`. GPUs are those of the gang: replicas are what tensor * pipeline * context
/// leave of them.
struct TrainingJobConfig {
  std::string model;
  std::optional<std::int64_t> steps;
  std::optional<std::int64_t> tokens;
  TrainingPrecision precision = TrainingPrecision::bf16;
  std::int32_t tensor = 1;
  std::int32_t pipeline = 1;
  std::int32_t context = 1;
  std::int32_t expert = 1;
  std::int32_t virtual_stages = 1;
  std::int32_t batch = 1;
  std::int32_t micro_batch = 1;
  std::int32_t sequence = 1;
  bool sharded_optimizer = true;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("model", &TrainingJobConfig::model, "Model, a name of the catalogue.", required);
    visit("steps", &TrainingJobConfig::steps, "Optimizer steps to the end.", 1, 1'000'000'000);
    visit("tokens", &TrainingJobConfig::tokens,
          "Tokens to the end, in place of steps; the last step is a whole one.", 1,
          1'000'000'000'000'000);
    visit("precision", &TrainingJobConfig::precision, "Of the matrix products: bf16 or fp8.");
    visit("tensor", &TrainingJobConfig::tensor, "GPUs that share each layer.", 1, 1024);
    visit("pipeline", &TrainingJobConfig::pipeline, "Stages of layers.", 1, 1024);
    visit("context", &TrainingJobConfig::context, "GPUs that share a sequence.", 1, 1024);
    visit("expert", &TrainingJobConfig::expert,
          "GPUs that share the experts of a layer; divides replicas * context.", 1, 4096);
    visit("virtual_stages", &TrainingJobConfig::virtual_stages,
          "Stages of each GPU in an interleaved schedule.", 1, 128);
    visit("batch", &TrainingJobConfig::batch, "Sequences of a step, over all replicas.", required,
          1, 100'000'000);
    visit("micro_batch", &TrainingJobConfig::micro_batch,
          "Sequences of one pass through the pipeline.", 1, 100'000);
    visit("sequence", &TrainingJobConfig::sequence, "Tokens of a sequence.", required, 1,
          100'000'000);
    visit("sharded_optimizer", &TrainingJobConfig::sharded_optimizer,
          "Whether replicas share the optimizer's state instead of holding a copy each.");
  }
};

/// `job` states the gang and its bounds. Throws ConfigError at `at`, with all that is wrong: an unknown model; not
/// exactly one of steps and tokens; a cut that divides neither GPUs, batch nor experts (with the nearest that does); a
/// kind of GPU that the gang accepts, but that no training law knows, lacks the precision, or whose memory is too small
/// (with the kinds that will do); an elastic gang whose fewest workers hold no replica.
std::shared_ptr<const TrainingJob> make_training_job(const TrainingJobConfig& config,
                                                     const JobSpec& job,
                                                     std::shared_ptr<const TrainingPlaces> places,
                                                     WorkloadCatalog& catalog, const Position& at);

}  // namespace plimsoll
