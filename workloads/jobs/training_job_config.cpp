#include "workloads/jobs/training_job_config.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "workloads/step_time/training_memory.hpp"

namespace plimsoll {

namespace {

constexpr std::int64_t kMostSteps = 1'000'000'000;
/// Embedding and head stand for a layer each where stages are dealt out.
constexpr std::int32_t kOuterLayers = 2;

TrainingCut cut_of(const TrainingJobConfig& config, std::int32_t gpus) {
  return {gpus,          config.tensor, config.pipeline,    config.context, config.virtual_stages,
          config.expert, config.batch,  config.micro_batch, config.sequence};
}

std::int64_t steps_of(const TrainingJobConfig& config) {
  if (config.steps) return *config.steps;
  const std::int64_t each = std::int64_t{config.batch} * config.sequence;
  return (*config.tokens + each - 1) / each;
}

/// Why a gang on such GPUs could not train; nothing where it can.
std::string problem_on(const TrainingPlace& place, const TrainingJobConfig& config,
                       const ModelSpec& model, const TrainingGang& gang) {
  if (!place.law) return "no training law is for it";
  if (!(place.rate(config.precision).count() > 0))
    return fmt::format("it has no {} rate", scalar_text(config.precision));
  if (gang.workers > 1 && !(place.network_bandwidth.back().count() > 0))
    return "its node type states no network";
  if (place.gpus_per_node > 1 && !(place.island_bandwidth.count() > 0))
    return "its node type does not tell what joins the GPUs of a node";
  const Bytes held =
      training_state_bytes(model, cut_of(config, gang.gpus), config.sharded_optimizer);
  if (held > place.gpu.memory_capacity.value)
    return fmt::format(
        "weights, gradients and optimizer take {:.1f} GB of each GPU, which has {:.1f} GB",
        static_cast<double>(held.count()) * 1e-9,
        static_cast<double>(place.gpu.memory_capacity.value.count()) * 1e-9);
  return {};
}

/// A sentence for each kind that the gang accepts and cannot train on, and which ones will do.
void check_kinds(const TrainingJobConfig& config, const ModelSpec& model, const TrainingGang& gang,
                 const TrainingPlaces& places, std::vector<std::string>& problems) {
  std::vector<std::string> good;
  std::vector<std::string> bad;
  for (std::size_t kind = 0; kind < places.kinds().size(); ++kind) {
    const TrainingPlace& place = places.kinds()[kind];
    if (place.gpus == 0) continue;
    const std::string problem = problem_on(place, config, model, gang);
    if (problem.empty()) good.push_back(place.gpu.name);
    if (!problem.empty() && gang.accepts(kind))
      bad.push_back(
          fmt::format("{} cannot be trained on {}: {}.", model.name, place.gpu.name, problem));
  }
  if (bad.empty()) return;
  bad.back() += good.empty() ? " No other kind of the cluster will do."
                             : fmt::format(" Of the cluster's, let the gang accept {} only.",
                                           fmt::join(good, ", "));
  problems.insert(problems.end(), bad.begin(), bad.end());
}

void check_model(const TrainingJobConfig& config, const ModelSpec& model,
                 std::vector<std::string>& problems) {
  if (config.expert > 1 && !model.mixture)
    problems.push_back(fmt::format("expert = {}: {} has no experts.", config.expert, model.name));
  if (model.mixture && model.mixture->experts % config.expert != 0)
    problems.push_back(fmt::format("expert = {} does not divide the {} experts of {}.",
                                   config.expert, model.mixture->experts, model.name));
  if (model.heads % config.tensor != 0)
    problems.push_back(fmt::format("tensor = {} does not divide the {} heads of {}.", config.tensor,
                                   model.heads, model.name));
  if (std::int64_t{config.pipeline} * config.virtual_stages > model.layers + kOuterLayers)
    problems.push_back(
        fmt::format("pipeline x virtual_stages = {} x {} is more than the {} layers "
                    "of {}.",
                    config.pipeline, config.virtual_stages, model.layers, model.name));
}

void check_gang(const TrainingJobConfig& config, const JobSpec& job, const TrainingGang& gang,
                std::vector<std::string>& problems) {
  for (const SubGang& part : job.gang)
    if (part.each.gpus > 0 && part.each.gpu_milli < kWholeGpu) {
      problems.emplace_back("a training job takes whole GPUs.");
      return;
    }
  const TrainingCut cut = cut_of(config, gang.gpus);
  if (!gang.elastic()) return check_cut(cut, problems);
  if (gang.gpus < cut.replica_gpus()) {
    problems.push_back(
        fmt::format("min_workers = {} hold {} GPUs, one replica takes tensor x "
                    "pipeline x context = {}.",
                    gang.min_workers, gang.gpus, cut.replica_gpus()));
  } else if (cut.context % config.expert != 0) {
    problems.push_back(
        fmt::format("expert = {} does not divide context = {}: with any number of "
                    "replicas, experts stay within one.",
                    config.expert, config.context));
  }
}

}  // namespace

std::shared_ptr<const TrainingJob> make_training_job(const TrainingJobConfig& config,
                                                     const JobSpec& job,
                                                     std::shared_ptr<const TrainingPlaces> places,
                                                     WorkloadCatalog& catalog, const Position& at) {
  const ModelSpec& model = catalog.model(config.model, at);
  const TrainingGang gang = training_gang(job);
  std::vector<std::string> problems;
  if (config.steps.has_value() == config.tokens.has_value()) {
    problems.emplace_back("a training job has either steps or tokens.");
  } else if (steps_of(config) > kMostSteps) {
    problems.push_back(fmt::format("{} tokens make {} steps of {} x {}; at most {} are allowed.",
                                   *config.tokens, steps_of(config), config.batch, config.sequence,
                                   kMostSteps));
  }
  check_model(config, model, problems);
  check_gang(config, job, gang, problems);
  if (problems.empty()) check_kinds(config, model, gang, *places, problems);
  std::vector<Fault> faults;
  for (std::string& problem : problems) faults.push_back({at, std::move(problem)});
  if (!faults.empty()) throw ConfigError(std::move(faults));
  TrainingJobSpec spec{model, cut_of(config, gang.gpus), config.precision, steps_of(config)};
  return std::make_shared<const TrainingJob>(std::move(spec), gang, std::move(places));
}

}  // namespace plimsoll
