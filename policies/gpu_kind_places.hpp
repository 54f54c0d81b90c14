// Jobs that run on GPUs of one kind at a time, wherever these are: what policies for mixed clusters share.
#pragma once

#include <cstdint>
#include <vector>

#include "policies/cluster_view.hpp"

namespace plimsoll {

/// GPUs of each kind in the whole cluster.
std::vector<double> gpus_by_kind(const ClusterFacts& facts);

/// The kind that a running job is on.
std::size_t kind_of(const ClusterView& view, const JobView& job);

/// Whether the job asks for this kind, or for any.
bool may_run_on(const JobView& job, std::size_t kind);

/// Steps per second of the job's gang on a kind, as reported; 1 where nothing is; 0 where it cannot or may not run.
double reported_speed(const JobView& job, std::size_t kind);

/// Kinds in the order of the speed of all jobs seen so far on them, relative to each job's fastest; the fastest first.
class KindOrder {
 public:
  explicit KindOrder(std::size_t kinds = 0) : rank_(kinds, 0) {}

  void see(const JobView& job);
  std::vector<std::size_t> fastest_first() const;

 private:
  std::vector<double> rank_;
};

/// The job's workers on free GPUs of a kind, on nodes in the order of their names from `first` on, which is set to the
/// last of them: a cycle that only starts jobs of one worker class asks for no node twice.
Placement place_on_kind(const ClusterView& view, const JobView& job, std::size_t kind,
                        std::uint32_t& first);

}  // namespace plimsoll
