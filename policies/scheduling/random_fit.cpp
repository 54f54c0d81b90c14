// Any node that can take the worker, each with the same chance; of its GPUs that hold a share, any likewise.
#include "core/random_stream.hpp"
#include "policies/highest_score.hpp"

namespace {

using namespace plimsoll;

class RandomChoice {
 public:
  explicit RandomChoice(const PolicyContext& context)
      : nodes_(context.seed, context.instance, "node"),
        gpus_(context.seed, context.instance, "gpu") {}

  std::int32_t score(const NodeState&, const ResourceRequest&) const { return 0; }

  std::uint32_t choose(const WorkerPlaces& places, const WorkerSubject& subject) const {
    return places.nth_fitting(below(places.fitting(), draw(nodes_, subject)));
  }

  std::uint16_t devices(const NodeState& node, const ResourceRequest& worker,
                        const WorkerSubject& subject) const {
    if (!asks_for_share(worker)) return first_idle_gpus(node, worker.gpus);
    std::uint32_t fitting = 0;
    for (std::size_t gpu = 0; gpu < node.free_gpu_milli().size(); ++gpu) {
      fitting += gpu_can_take(node, gpu, worker) ? 1 : 0;
    }
    std::uint32_t skip = below(fitting, draw(gpus_, subject));
    std::size_t gpu = 0;
    while (!gpu_can_take(node, gpu, worker) || skip-- > 0) ++gpu;
    return static_cast<std::uint16_t>(1U << gpu);
  }

 private:
  static std::uint64_t draw(const RandomStream& stream, const WorkerSubject& subject) {
    const auto start = static_cast<std::uint64_t>(subject.start);
    return stream.bits(subject.job, start << 32 | static_cast<std::uint32_t>(subject.worker));
  }

  RandomStream nodes_;
  RandomStream gpus_;
};

using RandomFit = HighestScore<RandomChoice>;

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(random_fit, RandomFit,
                           "Any node that can take the worker, each with the same chance.")
