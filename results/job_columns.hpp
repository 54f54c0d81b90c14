// The tables of a run's jobs, each column once, in the manner of results/columns.hpp.
#pragma once

#include <tuple>

#include "results/columns.hpp"
#include "results/job_facts.hpp"

namespace plimsoll {

inline constexpr std::tuple kJobColumns{
    Column{"submit_ns", &JobFact::submit_ns, "ns", "submitted"},
    Column{"start_ns", &JobFact::start_ns, "ns", "its first run starts; -1: never"},
    Column{"end_ns", &JobFact::end_ns, "ns", "finished; -1: not by the end of the run"},
    Column{"queued_ns", &JobFact::queued_ns, "ns",
           "pending, in all: before the first start, after evictions, until the end of the run"},
    Column{"executed_ns", &JobFact::executed_ns, "ns", "running, in all"},
    Column{"closest_ns", &JobFact::closest_ns, "ns",
           "what its running time without setup would have been on the closest placement"},
    Column{"gpu_us", &JobFact::gpu_us, "us", "GPUs x running time"},
    Column{"setup_gpu_us", &JobFact::setup_gpu_us, "us",
           "of gpu_us: (re)starting, without progress"},
    Column{"lost_gpu_us", &JobFact::lost_gpu_us, "us",
           "of gpu_us: progress that evictions threw away"},
    Column{"gpus", &JobFact::gpus, "GPUs", "that it asks for"},
    Column{"priority", &JobFact::priority, "", "higher is more important"},
    Column{"source", &JobFact::source, "", "row of the list of sources"},
    Column{"queue", &JobFact::queue, "", "row of the list of queues"},
    Column{"user", &JobFact::user, "", "row of the list of users"},
    Column{"starts", &JobFact::starts, "", "times that it started"},
    Column{"preemptions", &JobFact::preemptions, "", "times that it was evicted"},
    Column{"status", &JobFact::status, "", "what became of it by the end of the run"},
};

inline constexpr std::tuple kJobRunColumns{
    Column{"job", &JobRunFact::job, "", "row of the table of jobs"},
    Column{"from_ns", &JobRunFact::from_ns, "ns", "starts"},
    Column{"until_ns", &JobRunFact::until_ns, "ns", "finishes or is evicted; -1: still running"},
    Column{"first_placement", &JobRunFact::first_share, "",
           "its first row of the table of placements"},
    Column{"placements", &JobRunFact::shares, "", "so many rows from there on"},
};

inline constexpr std::tuple kJobShareColumns{
    Column{"node", &JobShareFact::node, "", "row of the table of nodes"},
    Column{"gpus", &JobShareFact::gpus, "",
           "bit i: GPU i of the node, counted from the node's first_gpu"},
    Column{"gpu_milli", &JobShareFact::gpu_milli, "GPUs / 1000", "taken of each of these GPUs"},
    Column{"workers", &JobShareFact::workers, "", "of the job that run there"},
    Column{"mig_profile", &JobShareFact::mig_profile, "",
           "line of mig_profiles, of a partition; -1: of none"},
    Column{"mig_slices", &JobShareFact::mig_slices, "",
           "bit i: memory slice i of the partition's GPU"},
};

inline constexpr std::tuple kJobSampleColumns{
    Column{"time_ns", &JobSample::time_ns, "ns", "holds from here to the next sample"},
    Column{"allocated_milli", &JobSample::allocated_milli, "GPUs / 1000", "that jobs hold"},
    Column{"pending_gpus", &JobSample::pending_gpus, "GPUs", "that pending jobs ask for"},
    Column{"running", &JobSample::running, "jobs", "running"},
    Column{"pending", &JobSample::pending, "jobs", "waiting, for the first time or again"},
    Column{"fragmented_milli", &JobSample::fragmented_milli, "GPUs / 1000",
           "free, but of no use to the next job's typical worker (FGD), in expectation"},
};

/// A price, and so no part of the digest.
inline constexpr std::tuple kJobSamplePriceColumns{
    Column{"fragmented_micro_usd_per_hour", &JobSample::fragmented_micro_usd_per_hour,
           "USD / 10^6 h", "price of the fragmented GPUs"},
};
inline constexpr std::tuple kAllJobSampleColumns =
    std::tuple_cat(kJobSampleColumns, kJobSamplePriceColumns);

inline constexpr std::tuple kJobReasonColumns{
    Column{"job", &JobReasonFact::job, "", "row of the table of jobs"},
    Column{"reason", &JobReasonFact::reason, "", "why it is pending, or was rejected"},
    Column{"blocking", &JobReasonFact::blocking, "",
           "row of the job that comes before it, or holds a reservation; -1: none"},
    Column{"nodes_unschedulable", &JobReasonFact::nodes_unschedulable, "nodes",
           "turned away: not ready, or cordoned"},
    Column{"nodes_gpu_kind", &JobReasonFact::nodes_gpu_kind, "nodes",
           "turned away: no GPUs of a kind that it accepts"},
    Column{"nodes_gpus", &JobReasonFact::nodes_gpus, "nodes", "turned away: too few GPUs free"},
    Column{"nodes_cpu", &JobReasonFact::nodes_cpu, "nodes", "turned away: too little CPU free"},
    Column{"nodes_memory", &JobReasonFact::nodes_memory, "nodes",
           "turned away: too little memory free"},
    Column{"nearest_node", &JobReasonFact::nearest_node, "",
           "row of the node that comes closest to taking a worker; -1: none"},
    Column{"missing_gpu_milli", &JobReasonFact::missing_gpu_milli, "GPUs / 1000",
           "would have to free up there"},
    Column{"missing_cpu_milli", &JobReasonFact::missing_cpu_milli, "CPUs / 1000",
           "would have to free up there"},
    Column{"missing_memory_bytes", &JobReasonFact::missing_memory_bytes, "B",
           "would have to free up there"},
};

inline constexpr std::tuple kJobNodeColumns{
    Column{"gpus", &JobNode::gpus, "GPUs", "for jobs"},
    Column{"first_gpu", &JobNode::first_gpu, "", "those before it are held by pools"},
};

/// A price, and so no part of the digest.
inline constexpr std::tuple kJobNodePriceColumns{
    Column{"price_usd_per_gpu_hour", &JobNode::price_usd_per_gpu_hour, "USD / h", "of one GPU"},
};
inline constexpr std::tuple kAllJobNodeColumns =
    std::tuple_cat(kJobNodeColumns, kJobNodePriceColumns);

}  // namespace plimsoll
