// Batch and training jobs as a scenario says them: `jobs.<name>`, a source of jobs each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config/fields.hpp"
#include "core/quantity.hpp"
#include "core/time.hpp"
#include "hardware/resource_request.hpp"
#include "workloads/jobs/training_job_config.hpp"

namespace plimsoll {

/// `jobs.<name>.trace`: the jobs of a recorded file.
struct JobTraceConfig {
  std::string format;
  std::string path;                     ///< as written; ResolvedJobs::trace is where it leads
  std::optional<std::string> profiles;  ///< likewise; ResolvedJobs::profiles
  std::string layout = "consolidated";

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("format", &JobTraceConfig::format, "Format of the trace file.", required);
    visit("path", &JobTraceConfig::path, "Trace file, relative to the file that names it.",
          required);
    visit("profiles", &JobTraceConfig::profiles,
          "Measured speeds of its applications, for formats that need them: a file or folder.");
    visit("layout", &JobTraceConfig::layout,
          "Workers of jobs that say only a number of GPUs: consolidated (whole nodes and a rest) "
          "or scattered (each GPU anywhere).");
  }
};

/// `jobs.<name>.synthetic`: jobs drawn from a law that was fitted to a trace.
struct SyntheticJobsConfig {
  std::string like;
  std::optional<PerSecond> rate;
  std::optional<std::int64_t> jobs;
  std::optional<std::int32_t> max_gpus;
  bool steady = false;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("like", &SyntheticJobsConfig::like, "Law of the jobs, a shipped name or a file.",
          required);
    visit("rate", &SyntheticJobsConfig::rate,
          "Mean rate of submissions; left out, that of the trace.", PerSecond{1e-9},
          PerSecond{1e6});
    visit("jobs", &SyntheticJobsConfig::jobs, "Number of jobs after which the source ends.", 1,
          100'000'000);
    visit("max_gpus", &SyntheticJobsConfig::max_gpus,
          "Sizes above it are never drawn; left out, what the nodes have in all.", 1, 1'000'000);
    visit("steady", &SyntheticJobsConfig::steady,
          "Whether what tells days apart is left out: weekdays, busy and quiet days.");
  }
};

/// `gang`: workers that ask for the same.
struct WorkersConfig {
  std::int32_t workers = 1;
  std::int32_t gpus = 1;
  double gpu_share = 1;
  std::optional<std::string> mig_profile;
  double cpu = 0;
  Bytes memory{};
  std::vector<std::string> gpu_kinds;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("workers", &WorkersConfig::workers, "Number of such workers.", 1, 1'000'000);
    visit("gpus", &WorkersConfig::gpus, "GPUs of each, of one node.", 0, kMaxGpusPerNode);
    visit("gpu_share", &WorkersConfig::gpu_share,
          "Share of its GPU that a worker holds, in thousandths at the finest; below 1 only of one "
          "GPU.",
          0.001, 1.0);
    visit("mig_profile", &WorkersConfig::mig_profile,
          "Partition of a GPU that each holds, such as 1g.10gb, in place of a GPU; of nodes with "
          "mig.");
    visit("cpu", &WorkersConfig::cpu, "CPU cores of each.", 0.0, 10'000.0);
    visit("memory", &WorkersConfig::memory, "Host memory of each.", at_least(Bytes{0}));
    visit("gpu_kinds", &WorkersConfig::gpu_kinds,
          "GPUs that they accept, names of the catalogue; none: any.");
  }
};

/// `elastic`: any number of workers within these will do.
struct ElasticConfig {
  std::int32_t min_workers = 1;
  std::int32_t max_workers = 1;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("min_workers", &ElasticConfig::min_workers, "Fewest workers.", required, 1, 1'000'000);
    visit("max_workers", &ElasticConfig::max_workers, "Most workers.", required, 1, 1'000'000);
  }
};

/// One entry of `jobs.<name>.list`.
struct SubmittedJobConfig {
  std::string name;
  Duration submit{};
  std::vector<WorkersConfig> gang;
  std::optional<ElasticConfig> elastic;
  std::optional<Duration> duration;
  std::optional<TrainingJobConfig> training;
  std::optional<Duration> estimate;
  std::optional<std::int32_t> priority;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("name", &SubmittedJobConfig::name, "What reports call the job.", required);
    visit("submit", &SubmittedJobConfig::submit, "When it is submitted.", at_least(Duration{0}));
    visit("gang", &SubmittedJobConfig::gang,
          "Its workers, which start together or not at all; one entry for each kind.", required);
    visit("elastic", &SubmittedJobConfig::elastic,
          "Bounds of the number of workers, of a gang of one kind.");
    visit("duration", &SubmittedJobConfig::duration, "Running time, wherever it is placed.",
          above(Duration{0}));
    visit("training", &SubmittedJobConfig::training,
          "The model that it trains, in place of a duration: how long that takes follows from its "
          "placement.");
    visit("estimate", &SubmittedJobConfig::estimate,
          "Running time as its user states it; left out, the true one (of a training job: on nodes "
          "as "
          "close together as can be).",
          above(Duration{0}));
    visit("priority", &SubmittedJobConfig::priority, "In place of the source's.", -1'000'000'000,
          1'000'000'000);
  }
};

/// `topology`: names of levels, closest first: nvlink_domain, rack, leaf, spine, fabric_pod.
struct JobTopologyConfig {
  std::optional<std::string> required_level;
  std::optional<std::string> preferred_level;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("required", &JobTopologyConfig::required_level,
          "Level in one domain of which a job must run.");
    visit("preferred", &JobTopologyConfig::preferred_level, "The same, where possible.");
  }
};

/// `jobs.<name>`: exactly one of trace, synthetic and list, and what holds for all its jobs.
struct JobSourceConfig {
  std::optional<JobTraceConfig> trace;
  std::optional<SyntheticJobsConfig> synthetic;
  std::vector<SubmittedJobConfig> list;
  std::vector<std::string> nodes;
  std::optional<std::string> queue;
  std::optional<std::string> user;
  std::int32_t priority = 0;
  bool preemptible = true;
  std::optional<Duration> restart_cost;
  std::optional<Duration> eviction_cost;
  std::optional<Duration> checkpoint_interval;
  JobTopologyConfig topology;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("trace", &JobSourceConfig::trace, "Jobs of a recorded file.");
    visit("synthetic", &JobSourceConfig::synthetic, "Jobs from a random process.");
    visit("list", &JobSourceConfig::list, "Jobs, one by one.");
    visit("nodes", &JobSourceConfig::nodes,
          "Nodes that they may run on, names of cluster.nodes; none: all.");
    visit("queue", &JobSourceConfig::queue, "Queue of all its jobs, in place of the trace's.");
    visit("user", &JobSourceConfig::user, "User of all its jobs, in place of the trace's.");
    visit("priority", &JobSourceConfig::priority, "Higher is more important.", -1'000'000'000,
          1'000'000'000);
    visit("preemptible", &JobSourceConfig::preemptible, "Whether a scheduler may evict them.");
    visit("restart_cost", &JobSourceConfig::restart_cost,
          "Time without progress at each start; left out, the trace's, or none.",
          at_least(Duration{0}));
    visit("eviction_cost", &JobSourceConfig::eviction_cost,
          "The same, once for each eviction; left out, the trace's, or none.",
          at_least(Duration{0}));
    visit("checkpoint_interval", &JobSourceConfig::checkpoint_interval,
          "An eviction loses the work since the last checkpoint; left out, none.",
          above(Duration{0}));
    visit("topology", &JobSourceConfig::topology, "How close together a gang must run.");
  }
};

}  // namespace plimsoll
