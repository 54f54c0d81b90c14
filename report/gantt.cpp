#include "report/gantt.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "results/job_tally.hpp"

namespace plimsoll::report {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1000 * kMillisecond;

/// A second, or a millisecond in a run in which a second can be seen.
std::int64_t tick_of(std::int64_t end_ns) {
  return end_ns > 7200 * kSecond ? kSecond : kMillisecond;
}

double gpu_s(const JobTables& jobs, const JobRunFact& run, std::int64_t end_ns) {
  std::int64_t milli = 0;
  for (std::uint32_t i = 0; i < run.shares; ++i) {
    const JobShareFact& share = jobs.shares[run.first_share + i];
    milli += std::int64_t{gpus_of(share)} * share.gpu_milli;
  }
  const std::int64_t until_ns = run.until_ns == kNoTime ? end_ns : run.until_ns;
  return static_cast<double>(milli) * 1e-3 * static_cast<double>(until_ns - run.from_ns) * 1e-9;
}

/// Rows of runs on GPUs, as many as the limits allow, in the order of starts.
struct Drawn {
  std::vector<std::uint32_t> runs;
  std::size_t left_out = 0;
  double left_out_share = 0;  ///< of the GPU time
};

Drawn drawn_runs(const JobTables& jobs, std::int64_t end_ns, GanttLimits limits) {
  std::vector<double> time(jobs.runs.size());
  for (std::size_t i = 0; i < time.size(); ++i) time[i] = gpu_s(jobs, jobs.runs[i], end_ns);
  std::vector<std::uint32_t> order(jobs.runs.size());
  std::iota(order.begin(), order.end(), 0U);
  std::erase_if(order, [&](std::uint32_t run) { return time[run] <= 0; });
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return time[a] > time[b]; });
  Drawn drawn;
  std::size_t shares = 0;
  double all = 0;
  double without = 0;
  for (const std::uint32_t run : order) {
    all += time[run];
    if (drawn.runs.size() < limits.runs && shares + jobs.runs[run].shares <= limits.shares) {
      drawn.runs.push_back(run);
      shares += jobs.runs[run].shares;
    } else {
      ++drawn.left_out;
      without += time[run];
    }
  }
  std::sort(drawn.runs.begin(), drawn.runs.end());
  if (all > 0) drawn.left_out_share = without / all;
  return drawn;
}

/// Lists by name, filled row by row.
class Columns {
 public:
  Columns(std::initializer_list<const char*> names) {
    for (const char* name : names) json_[name] = Json::array();
  }
  template <class... Values>
  void row(const Values&... values) {
    auto column = json_.begin();
    ((column++)->push_back(values), ...);
  }
  Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

Json nodes_json(const JobTables& jobs) {
  Columns nodes({"name", "gpus", "first_gpu", "gpu"});
  std::vector<std::string> kinds;
  for (const JobNode& node : jobs.nodes) {
    auto kind = std::find(kinds.begin(), kinds.end(), node.gpu);
    if (kind == kinds.end()) kind = kinds.insert(kinds.end(), node.gpu);
    nodes.row(node.name, node.gpus, node.first_gpu, kind - kinds.begin());
  }
  Json json = nodes.take();
  json["kinds"] = kinds;
  return json;
}

Json shares_json(const JobTables& jobs, const std::vector<std::uint32_t>& runs) {
  Columns shares({"node", "mask", "milli"});
  bool whole = true;
  for (const std::uint32_t row : runs) {
    const JobRunFact& run = jobs.runs[row];
    for (std::uint32_t i = 0; i < run.shares; ++i) {
      const JobShareFact& share = jobs.shares[run.first_share + i];
      whole = whole && share.gpu_milli == 1000;
      shares.row(share.node, share.gpus, share.gpu_milli);
    }
  }
  Json json = shares.take();
  if (whole) json["milli"] = nullptr;
  return json;
}

}  // namespace

Json gantt_json(const JobTables& jobs, std::int64_t end_ns, GanttLimits limits) {
  const Drawn drawn = drawn_runs(jobs, end_ns, limits);
  const std::int64_t tick_ns = tick_of(end_ns);
  Columns job_rows(
      {"name", "gpus", "priority", "source", "queue", "user", "submit", "preemptions", "status"});
  Columns run_rows({"job", "from", "length", "shares"});
  Json open = Json::array();
  std::vector<std::optional<std::size_t>> row_of(jobs.jobs.size());
  std::size_t rows = 0;
  for (std::size_t i = 0; i < drawn.runs.size(); ++i) {
    const JobRunFact& run = jobs.runs[drawn.runs[i]];
    const JobFact& job = jobs.jobs[run.job];
    if (!row_of[run.job]) {
      row_of[run.job] = rows++;
      job_rows.row(jobs.names[run.job], job.gpus, job.priority, job.source, job.queue, job.user,
                   job.submit_ns / tick_ns, job.preemptions, static_cast<int>(job.status));
    }
    if (run.until_ns == kNoTime) open.push_back(i);
    const std::int64_t from = run.from_ns / tick_ns;
    const std::int64_t until = (run.until_ns == kNoTime ? end_ns : run.until_ns) / tick_ns;
    run_rows.row(*row_of[run.job], from, until - from, run.shares);
  }
  Json json = {{"tick_s", static_cast<double>(tick_ns) * 1e-9}, {"nodes", nodes_json(jobs)}};
  json["jobs"] = job_rows.take();
  json["runs"] = run_rows.take();
  json["runs"]["open"] = std::move(open);
  json["shares"] = shares_json(jobs, drawn.runs);
  json["left_out"] = {{"runs", drawn.left_out}, {"gpu_time_share", brief(drawn.left_out_share)}};
  return json;
}

}  // namespace plimsoll::report
