#include "results/job_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "results/job_columns.hpp"
#include "results/table_file.hpp"

namespace plimsoll {
namespace {

constexpr const char* kStatusNames = "pending running finished rejected";
constexpr auto kLastStatus = JobStatus::rejected;

template <class Jobs, class Act>
void for_each_constant(Jobs& jobs, Act&& act) {
  act("cycles", jobs.cycles);
  act("conflicts", jobs.conflicts);
}

/// The texts that stand in a member of each row, as a list.
template <class Row>
std::vector<std::string> texts_of(const std::vector<Row>& rows, std::string Row::* member) {
  std::vector<std::string> texts;
  texts.reserve(rows.size());
  for (const Row& row : rows) texts.push_back(row.*member);
  return texts;
}

template <class Row>
void read_texts_into(const hdf5::Reader& file, const std::string& name, std::vector<Row>& rows,
                     std::string Row::* member) {
  std::vector<std::string> texts = read_texts(file, name);
  if (texts.size() != rows.size())
    file.refuse(name + " has another number of lines than its table");
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].*member = std::move(texts[i]);
}

/// Requires that each row's number is one of `rows` rows, or -1 where `or_none`.
template <class Row, class Number>
void require_rows(const hdf5::Reader& file, const char* name, const std::vector<Row>& table,
                  Number Row::* number, std::size_t rows, bool or_none = false) {
  for (const Row& row : table) {
    const auto value = static_cast<std::int64_t>(row.*number);
    if (value >= (or_none ? -1 : 0) && value < static_cast<std::int64_t>(rows)) continue;
    file.refuse(fmt::format("{} has the value {}, of {} rows", name, value, rows));
  }
}

void require_consistent(const hdf5::Reader& file, const JobTables& jobs) {
  if (jobs.names.size() != jobs.jobs.size())
    file.refuse("/jobs/names has another number of lines than its table");
  for (const JobFact& job : jobs.jobs)
    if (job.status > kLastStatus) file.refuse("/jobs/jobs/status has an unknown value");
  require_rows(file, "/jobs/jobs/source", jobs.jobs, &JobFact::source, jobs.sources.size());
  require_rows(file, "/jobs/jobs/queue", jobs.jobs, &JobFact::queue, jobs.queues.size());
  require_rows(file, "/jobs/jobs/user", jobs.jobs, &JobFact::user, jobs.users.size());
  require_rows(file, "/jobs/runs/job", jobs.runs, &JobRunFact::job, jobs.jobs.size());
  for (const JobRunFact& run : jobs.runs)
    if (std::uint64_t{run.first_share} + run.shares > jobs.shares.size())
      file.refuse("/jobs/runs do not fit their placements");
  require_rows(file, "/jobs/placements/node", jobs.shares, &JobShareFact::node, jobs.nodes.size());
  require_rows(file, "/jobs/placements/mig_profile", jobs.shares, &JobShareFact::mig_profile,
               jobs.mig_profiles.size(), true);
  require_rows(file, "/jobs/reasons/job", jobs.reasons, &JobReasonFact::job, jobs.jobs.size());
  require_rows(file, "/jobs/reasons/reason", jobs.reasons, &JobReasonFact::reason,
               jobs.reason_names.size());
  require_rows(file, "/jobs/reasons/blocking", jobs.reasons, &JobReasonFact::blocking,
               jobs.jobs.size(), true);
  require_rows(file, "/jobs/reasons/nearest_node", jobs.reasons, &JobReasonFact::nearest_node,
               jobs.nodes.size(), true);
}

}  // namespace

void write_jobs(hdf5::Writer& file, const JobTables& jobs) {
  file.group("/jobs");
  file.attribute("/jobs", "scheduling", jobs.scheduling);
  file.attribute("/jobs", "estimates", jobs.estimates);
  for_each_constant(
      jobs, [&](const char* name, const auto& value) { file.attribute("/jobs", name, value); });
  write_texts(file, "/jobs/names", jobs.names);
  write_texts(file, "/jobs/sources", jobs.sources);
  write_texts(file, "/jobs/queues", jobs.queues);
  write_texts(file, "/jobs/users", jobs.users);
  write_texts(file, "/jobs/reason_names", jobs.reason_names);
  write_texts(file, "/jobs/mig_profiles", jobs.mig_profiles);
  write_texts(file, "/jobs/reason_texts", texts_of(jobs.reasons, &JobReasonFact::text));
  write_texts(file, "/jobs/node_names", texts_of(jobs.nodes, &JobNode::name));
  write_texts(file, "/jobs/node_gpus", texts_of(jobs.nodes, &JobNode::gpu));
  write_table<JobFact>(file, "/jobs/jobs", jobs.jobs, kJobColumns);
  file.attribute("/jobs/jobs/status", "names", kStatusNames);
  write_table<JobRunFact>(file, "/jobs/runs", jobs.runs, kJobRunColumns);
  write_table<JobShareFact>(file, "/jobs/placements", jobs.shares, kJobShareColumns);
  write_table<JobSample>(file, "/jobs/samples", jobs.samples, kAllJobSampleColumns);
  write_table<JobNode>(file, "/jobs/nodes", jobs.nodes, kAllJobNodeColumns);
  write_table<JobReasonFact>(file, "/jobs/reasons", jobs.reasons, kJobReasonColumns);
  file.attribute("/jobs/reasons/reason", "names",
                 fmt::format("{}", fmt::join(jobs.reason_names, " ")));
}

JobTables read_jobs(const hdf5::Reader& file) {
  JobTables jobs;
  jobs.scheduling = file.text_attribute("/jobs", "scheduling");
  jobs.estimates = file.text_attribute("/jobs", "estimates");
  for_each_constant(jobs, [&](const char* name, auto& value) {
    value = file.attribute<std::remove_cvref_t<decltype(value)>>("/jobs", name);
  });
  jobs.names = read_texts(file, "/jobs/names");
  jobs.sources = read_texts(file, "/jobs/sources");
  jobs.queues = read_texts(file, "/jobs/queues");
  jobs.users = read_texts(file, "/jobs/users");
  jobs.reason_names = read_texts(file, "/jobs/reason_names");
  jobs.mig_profiles = read_texts(file, "/jobs/mig_profiles");
  jobs.jobs = read_table<JobFact>(file, "/jobs/jobs", kJobColumns);
  jobs.runs = read_table<JobRunFact>(file, "/jobs/runs", kJobRunColumns);
  jobs.shares = read_table<JobShareFact>(file, "/jobs/placements", kJobShareColumns);
  jobs.samples = read_table<JobSample>(file, "/jobs/samples", kAllJobSampleColumns);
  jobs.nodes = read_table<JobNode>(file, "/jobs/nodes", kAllJobNodeColumns);
  read_texts_into(file, "/jobs/node_names", jobs.nodes, &JobNode::name);
  read_texts_into(file, "/jobs/node_gpus", jobs.nodes, &JobNode::gpu);
  jobs.reasons = read_table<JobReasonFact>(file, "/jobs/reasons", kJobReasonColumns);
  read_texts_into(file, "/jobs/reason_texts", jobs.reasons, &JobReasonFact::text);
  require_consistent(file, jobs);
  return jobs;
}

}  // namespace plimsoll
