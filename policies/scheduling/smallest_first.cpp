// The job that asks for the fewest GPUs first, with preemption; equals in the order of submission.
#include "policies/gpu_quota.hpp"
#include "policies/ranked_jobs.hpp"

namespace {

using namespace plimsoll;

/// GPUs before the order of submission.
struct FewestGpus {
  struct Note {
    std::int64_t rank = 0;
  };
  Note note(const JobView& job) const { return {(std::int64_t{job.gpus()} << 32) + job.id}; }
  std::int64_t rank(const Note& note, SimTime) const { return note.rank; }
  Lane lane(const Note& note) const { return {0, note.rank}; }
};

class SmallestFirst final : public SchedulingPolicy {
 public:
  struct Config {
    PolicyConfig placement{"tightest_fit"};

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("placement", &Config::placement, "Rule that places a job.");
    }
  };
  SmallestFirst(const Config& config, const PolicyContext& context)
      : rule_(config.placement, context), ranked_({}, true) {}

  void cycle(SchedulingCycle& cycle) override {
    select_by_rank(cycle, ranked_, quota_.of(cycle.view()), rule_);
  }
  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<SmallestFirst>(*this);
  }

 private:
  OwnedPlacement rule_;
  GpuQuota quota_;
  RankedJobs<FewestGpus> ranked_;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(smallest_first, SmallestFirst,
                           "The fewest GPUs first, preempting larger jobs.")
