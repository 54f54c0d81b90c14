// Shortest job first, without preemption; the first that does not fit keeps the others waiting.
#include "policies/estimate_setting.hpp"
#include "policies/head_of_line.hpp"

namespace {

using namespace plimsoll;

struct ByRunningTime {
  Duration operator()(const JobView& job) const { return job.estimate.value_or(Duration::max()); }
};

class ShortestJobFirst final : public SchedulingPolicy {
 public:
  struct Config {
    EstimateKind estimate = EstimateKind::user;
    PolicyConfig placement{"tightest_fit"};

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("estimate", &Config::estimate, kEstimateDoc);
      visit("placement", &Config::placement, "Rule that places a job.");
    }
  };
  ShortestJobFirst(const Config& config, const PolicyContext& context)
      : estimate_(config.estimate), rule_(config.placement, context) {}

  EstimateKind estimates() const override { return estimate_; }
  void cycle(SchedulingCycle& cycle) override { start_in_order(cycle, pending_, rule_); }
  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<ShortestJobFirst>(*this);
  }

 private:
  EstimateKind estimate_;
  OwnedPlacement rule_;
  PendingJobs<ByRunningTime> pending_;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(
    sjf, ShortestJobFirst,
    "The shortest estimated running time first; a job that does not fit blocks those behind it.")
