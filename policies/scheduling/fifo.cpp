// First in, first out: jobs start in the order of submission; the first that does not fit keeps the others waiting.
#include "policies/head_of_line.hpp"

namespace {

using namespace plimsoll;

struct BySubmission {
  std::int32_t operator()(const JobView&) const { return 0; }
};

class Fifo final : public SchedulingPolicy {
 public:
  struct Config {
    PolicyConfig placement{"tightest_fit"};

    template <class Visit>
    static void fields(Visit&& visit) {
      visit("placement", &Config::placement, "Rule that places a job.");
    }
  };
  Fifo(const Config& config, const PolicyContext& context) : rule_(config.placement, context) {}

  void cycle(SchedulingCycle& cycle) override { start_in_order(cycle, pending_, rule_); }
  std::unique_ptr<SchedulingPolicy> clone() const override { return std::make_unique<Fifo>(*this); }

 private:
  OwnedPlacement rule_;
  PendingJobs<BySubmission> pending_;
};

}  // namespace

PLIMSOLL_SCHEDULING_POLICY(
    fifo, Fifo, "In the order of submission; a job that does not fit blocks those behind it.")
