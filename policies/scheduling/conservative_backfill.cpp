// First come first served with conservative backfill.
#include "policies/pending_jobs.hpp"
#include "policies/reservation_plan.hpp"

namespace {

using namespace plimsoll;

struct BySubmission {
  std::int32_t operator()(const JobView&) const { return 0; }
};

class ConservativeBackfill final : public SchedulingPolicy {
 public:
  struct Config {
    EstimateKind estimate = EstimateKind::user;
    std::int32_t depth = 100;
    Duration window{};
    PolicyConfig placement{"tightest_fit"};

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("estimate", &Config::estimate, kEstimateDoc);
      visit("depth", &Config::depth, "Pending jobs that a cycle plans; 0: all.", at_least(0));
      visit("window", &Config::window, "How far ahead it plans; 0: without limit.",
            at_least(Duration{0}));
      visit("placement", &Config::placement, "Rule that places a job.");
    }
  };
  ConservativeBackfill(const Config& config, const PolicyContext& context)
      : estimate_(config.estimate),
        plan_(config.placement, context, {config.depth, config.window}) {}

  EstimateKind estimates() const override { return estimate_; }
  void cycle(SchedulingCycle& cycle) override {
    plan_.run(cycle, pending_.of(cycle.view()), [](const auto& place) { return place.second; });
  }
  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<ConservativeBackfill>(*this);
  }

 private:
  EstimateKind estimate_;
  ReservationPlan plan_;
  PendingJobs<BySubmission> pending_;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(conservative_backfill, ConservativeBackfill,
                           "In the order of submission; every pending job holds the earliest place "
                           "that delays none before it.")
