#include "report/job_reasons.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace plimsoll::report {

std::vector<std::uint32_t> reasons_in_order(const JobTables& jobs) {
  std::vector<std::uint32_t> order(jobs.reasons.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto rank = [&](std::uint32_t row) {
    const JobFact& job = jobs.jobs[jobs.reasons[row].job];
    return std::tuple(job.status == JobStatus::rejected, -job.queued_ns);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return rank(a) < rank(b); });
  return order;
}

std::vector<std::pair<std::string, std::uint64_t>> reason_counts(const JobTables& jobs,
                                                                 JobStatus status) {
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  for (const std::string& name : jobs.reason_names) counts.emplace_back(name, 0);
  for (const JobReasonFact& reason : jobs.reasons)
    if (jobs.jobs[reason.job].status == status) ++counts[reason.reason].second;
  std::erase_if(counts, [](const auto& count) { return count.second == 0; });
  std::stable_sort(counts.begin(), counts.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return counts;
}

std::string text_of(const JobReasonFact& reason) {
  return reason.text.empty() ? "no cycle of the scheduler has come to it yet" : reason.text;
}

}  // namespace plimsoll::report
