// How long an optimizer step of a transformer takes, from model, cut, GPUs and where they are. Pure.
//
// Compute is 6 FLOP per parameter and token that passes through it, and 6 per hidden unit, layer and token of context
// for causal attention, forward and backward, at a share of the peak rate that one constant per GPU generation states.
// Communication beside it moves bytes over the bandwidth of the island or of the network; a pipeline idles while it
// fills and drains (Narayanan et al., "Efficient Large-Scale Language Model Training on GPU Clusters", SC 2021,
// section 2.2); and each step waits for the slowest node.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "hardware/catalog_folder.hpp"
#include "hardware/figure.hpp"
#include "workloads/model_spec.hpp"

namespace plimsoll {

/// How a training job is cut. Replicas are `gpus / (tensor * pipeline * context)`; experts are spread within them and,
/// beyond that, over replicas.
struct TrainingCut {
  std::int32_t gpus = 1;
  std::int32_t tensor = 1;
  std::int32_t pipeline = 1;
  std::int32_t context = 1;         ///< GPUs that share a sequence
  std::int32_t virtual_stages = 1;  ///< of each GPU: interleaved schedule
  std::int32_t expert = 1;          ///< GPUs that share the experts of a layer
  std::int32_t batch = 1;           ///< sequences of a step, over all replicas
  std::int32_t micro_batch = 1;     ///< sequences of one pass through the pipeline
  std::int32_t sequence = 1;        ///< tokens

  std::int32_t replicas() const { return gpus / (tensor * pipeline * context); }
  double micro_batches() const { return static_cast<double>(batch) / replicas() / micro_batch; }
};

/// What the GPUs are and how they hang together, as the job is placed.
struct TrainingGpus {
  FlopPerSecond rate;                ///< peak, dense, of the precision that is trained in
  std::int32_t per_node = 1;         ///< that run or stall together
  std::int32_t island = 1;           ///< that reach each other at `island_bandwidth`
  BytesPerSecond island_bandwidth;   ///< of one GPU in one direction
  BytesPerSecond network_bandwidth;  ///< the same between islands
};

/// A file of workloads/catalog/training: constants of one GPU generation.
struct TrainingLaw {
  std::string name;               ///< its file's name
  std::vector<std::string> gpus;  ///< names of the GPU catalogue
  Figure<double> efficiency;      ///< share of the peak rate that compute reaches
  Figure<double>
      tensor_overlap;  ///< share of the tensor group's communication that hides behind compute
  Figure<double> data_overlap;  ///< the same of gradients and parameters between replicas
  /// Standard deviation of one node's time for a step, as a share of it. Of n nodes the slowest counts:
  /// about sqrt(2 ln n) deviations above the mean.
  Figure<double> node_jitter;
  Figure<BytesPerSecond> network_bandwidth;  ///< of one GPU beyond its island

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("gpus", &TrainingLaw::gpus, "GPUs that it holds for.", required);
    visit("efficiency", &TrainingLaw::efficiency, "Share of the peak rate that compute reaches.",
          required, 0.01, 1.0);
    visit("tensor_overlap", &TrainingLaw::tensor_overlap,
          "Share of tensor-parallel communication hidden behind compute.", required, 0.0, 1.0);
    visit("data_overlap", &TrainingLaw::data_overlap,
          "Share of data-parallel communication hidden behind compute.", required, 0.0, 1.0);
    visit("node_jitter", &TrainingLaw::node_jitter,
          "Standard deviation of a node's step time, as a share of it.", required, 0.0, 1.0);
    visit("network_bandwidth", &TrainingLaw::network_bandwidth,
          "Bandwidth of one GPU beyond its island, in one direction.", required,
          BytesPerSecond{1e6}, BytesPerSecond{1e15});
  }
};

/// Throws ConfigError with all faults of the file.
TrainingLaw read_training_law(const CatalogEntry& entry);

/// The parts of a step, in seconds.
struct TrainingStep {
  double compute_s = 0;
  double tensor_s = 0;     ///< all-reduces (or their halves) of the tensor group
  double expert_s = 0;     ///< all-to-alls of tokens to experts and back
  double bubble_s = 0;     ///< the pipeline fills and drains
  double data_s = 0;       ///< gradients and parameters between replicas
  double straggler_s = 0;  ///< waiting for the slowest node

  double total_s() const {
    return compute_s + tensor_s + expert_s + bubble_s + data_s + straggler_s;
  }
};

/// Throws ConfigError for a cut that does not divide: GPUs by the model's cut, sequences by the replicas'
/// micro-batches.
TrainingStep training_step(const ModelSpec& model, const TrainingCut& cut, const TrainingGpus& gpus,
                           const TrainingLaw& law);

double tokens_per_s_per_gpu(const TrainingCut& cut, const TrainingStep& step);

}  // namespace plimsoll
