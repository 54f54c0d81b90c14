// Fragmentation gradient descent: the node, and the GPU in it, where placing the worker makes the free GPUs least
// useless for the typical workers that may come next. FGD (USENIX ATC 2023), as published results were made with it
// (hkust-adsl/kubernetes-scheduler-simulator, fgd_score.go).
#include <optional>

#include "core/portable_math.hpp"
#include "policies/fragmentation.hpp"
#include "policies/highest_score.hpp"

namespace {

using namespace plimsoll;

class FgdScore {
 public:
  using Config = TypicalWorkersConfig;

  FgdScore(Config config, const PolicyContext&) : config_(std::move(config)) {}

  /// Settles what is typical: as configured, or of the jobs seen so far, again whenever their number has doubled.
  bool prepare(const ClusterView& view) {
    const std::uint32_t jobs = view.jobs().size();
    const bool settled = config_.workers.empty() ? jobs < 2 * learned_from_ : learned_from_ > 0;
    if (settled) return false;
    learned_from_ = std::max(jobs, 1U);
    fragmentation_ = Fragmentation(typical_workers(config_.workers.empty()
                                                       ? count_workers(view.jobs().rows())
                                                       : counts_of(config_, view.facts().gpu_kinds),
                                                   config_.percent));
    return true;
  }

  void changed(const NodeState& node) {
    before_.resize(std::max<std::size_t>(before_.size(), node.number + 1));
    before_[node.number] = fragmentation_.gpu_milli(node);
  }

  std::int32_t score(const NodeState& node, const ResourceRequest& worker) const {
    if (asks_for_share(worker)) return best_gpu(node, worker).score;
    std::array<std::uint16_t, kMaxGpusPerNode> gpus = node.row.free_gpu_milli;
    std::int32_t wanted = worker.gpus;
    for (std::size_t gpu = 0; wanted > 0; ++gpu) {
      if (gpus[gpu] != kWholeGpu) continue;
      gpus[gpu] = 0;
      --wanted;
    }
    return descent(node, worker, gpus);
  }

  std::uint16_t devices(const NodeState& node, const ResourceRequest& worker,
                        const WorkerSubject&) const {
    if (!asks_for_share(worker)) return first_idle_gpus(node, worker.gpus);
    return static_cast<std::uint16_t>(1U << best_gpu(node, worker).gpu);
  }

 private:
  struct Choice {
    std::size_t gpu = 0;
    std::int32_t score = -1;
  };

  static bool like_an_earlier(const NodeState& node, std::size_t gpu,
                              const ResourceRequest& worker) {
    const auto free = node.free_gpu_milli();
    for (std::size_t earlier = 0; earlier < gpu; ++earlier) {
      if (free[earlier] == free[gpu] && gpu_can_take(node, earlier, worker)) return true;
    }
    return false;
  }

  /// The GPU with the highest score, the first of several. GPUs with equally much free score alike.
  Choice best_gpu(const NodeState& node, const ResourceRequest& worker) const {
    std::array<std::uint16_t, kMaxGpusPerNode> gpus = node.row.free_gpu_milli;
    const auto free = node.free_gpu_milli();
    Choice best;
    for (std::size_t gpu = 0; gpu < free.size(); ++gpu) {
      if (!gpu_can_take(node, gpu, worker) || like_an_earlier(node, gpu, worker)) continue;
      gpus[gpu] = static_cast<std::uint16_t>(free[gpu] - worker.gpu_milli);
      const std::int32_t score = descent(node, worker, gpus);
      gpus[gpu] = free[gpu];
      if (score > best.score) best = {gpu, score};
    }
    return best;
  }

  /// 0 to 100: above 50 where fragmentation falls if the node's GPUs become `gpus`.
  std::int32_t descent(const NodeState& node, const ResourceRequest& worker,
                       const std::array<std::uint16_t, kMaxGpusPerNode>& gpus) const {
    const double after =
        fragmentation_.gpu_milli(node.facts, node.row.free_cpu_milli - worker.cpu_milli,
                                 {gpus.data(), static_cast<std::size_t>(node.facts.gpus)});
    const double gained = (before_[node.number] - after) / kWholeGpu;
    return static_cast<std::int32_t>(1.0 / (1.0 + portable::exp(-gained)) * 100.0);
  }

  Config config_;
  Fragmentation fragmentation_;
  std::uint32_t learned_from_ = 0;  ///< jobs; 0: not yet
  std::vector<double> before_;      ///< by node: its fragmentation as it is
};

using Fgd = HighestScore<FgdScore>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(
    fgd, Fgd, "Where fragmentation falls most: free GPUs stay useful to typical workers.")
