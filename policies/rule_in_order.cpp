#include "policies/rule_in_order.hpp"

#include <utility>

#include "policies/pending_jobs.hpp"

namespace plimsoll {

namespace {

struct MoreImportantFirst {
  std::int32_t operator()(const JobView& job) const { return -job.priority; }
};

class RuleInOrder final : public SchedulingPolicy {
 public:
  explicit RuleInOrder(std::unique_ptr<PlacementRule> rule) : rule_(std::move(rule)) {}

  void cycle(SchedulingCycle& cycle) override {
    const auto pending = pending_.of(cycle.view());
    for (const auto& [key, job] : pending) {
      Placement placement = rule_->place(cycle.view(), cycle.view().jobs().row(job));
      if (placement.placed()) {
        cycle.start(job, std::move(placement));
      } else {
        cycle.not_now(job, placement.why_not);
      }
    }
  }

  std::unique_ptr<SchedulingPolicy> clone() const override {
    auto copy = std::make_unique<RuleInOrder>(rule_->clone());
    copy->pending_ = pending_;
    return copy;
  }

 private:
  std::unique_ptr<PlacementRule> rule_;
  PendingJobs<MoreImportantFirst> pending_;
};

}  // namespace

std::unique_ptr<SchedulingPolicy> rule_in_order(std::unique_ptr<PlacementRule> rule) {
  return std::make_unique<RuleInOrder>(std::move(rule));
}

}  // namespace plimsoll
