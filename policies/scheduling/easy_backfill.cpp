// First come first served with EASY backfill.
#include "policies/easy_reservation.hpp"
#include "policies/pending_jobs.hpp"

namespace {

using namespace plimsoll;

struct BySubmission {
  std::int32_t operator()(const JobView&) const { return 0; }
};

class EasyBackfill final : public SchedulingPolicy {
 public:
  struct Config {
    EstimateKind estimate = EstimateKind::user;
    std::int32_t depth = 0;
    PolicyConfig placement{"tightest_fit"};

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("estimate", &Config::estimate, kEstimateDoc);
      visit("depth", &Config::depth, "Jobs behind the first that a cycle looks at; 0: all.",
            at_least(0));
      visit("placement", &Config::placement, "Rule that places a job.");
    }
  };
  EasyBackfill(const Config& config, const PolicyContext& context)
      : estimate_(config.estimate), backfill_(config.placement, context, config.depth) {}

  EstimateKind estimates() const override { return estimate_; }
  void cycle(SchedulingCycle& cycle) override {
    backfill_.run(cycle, pending_.of(cycle.view()), [](const auto& place) { return place.second; });
  }
  std::unique_ptr<SchedulingPolicy> clone() const override {
    return std::make_unique<EasyBackfill>(*this);
  }

 private:
  EstimateKind estimate_;
  EasyReservation backfill_;
  PendingJobs<BySubmission> pending_;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(
    easy_backfill, EasyBackfill,
    "In the order of submission; later jobs start early where they do not delay the first.")
