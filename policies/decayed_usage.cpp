#include "policies/decayed_usage.hpp"

#include <algorithm>

#include "core/portable_math.hpp"

namespace plimsoll {

const std::vector<double>& DecayedUsage::of(const ClusterView& view, SimTime now) {
  constexpr double kLn2 = 0.693147180559945309;
  const double passed = to_seconds(now - as_of_) * kLn2 / to_seconds(half_life_);
  const double decay = portable::exp(-passed);
  const double weight = passed > 0 ? (1 - decay) / passed : 1;  // the mean decay over that time
  for (double& used : usage_) used *= decay;
  as_of_ = now;
  const ViewTable<JobView>& jobs = view.jobs();
  counted_.resize(jobs.size(), Duration{});
  if (!jobs.changes_since(version_, [&](std::uint32_t job) { note(jobs.row(job)); })) {
    for (const JobView& job : jobs.rows()) note(job);
  }
  version_ = jobs.version();
  for (const std::uint32_t job : active_) add_service(jobs.row(job), now, weight);
  std::sort(active_.begin(), active_.end());
  active_.erase(std::unique(active_.begin(), active_.end()), active_.end());
  std::erase_if(active_,
                [&](std::uint32_t job) { return jobs.row(job).phase != JobPhase::running; });
  return usage_;
}

void DecayedUsage::note(const JobView& job) {
  if (usage_.size() <= job.user) usage_.resize(job.user + 1, 0);
  if (job.phase == JobPhase::running || job.attained != counted_[job.id]) active_.push_back(job.id);
}

void DecayedUsage::add_service(const JobView& job, SimTime now, double weight) {
  const Duration attained = job.attained_until(now);
  usage_[job.user] += to_seconds(attained - counted_[job.id]) * weight;
  counted_[job.id] = attained;
}

}  // namespace plimsoll
