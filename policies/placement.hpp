// Where the workers of a job run, or why they do not run now: both are answers of a scheduler.
#pragma once

#include <cstdint>
#include <vector>

#include "hardware/resource_request.hpp"

namespace plimsoll {

/// What a job's workers take of one node.
struct NodeShare {
  std::uint32_t node = 0;  ///< row of the table of nodes
  std::int32_t workers = 1;
  std::uint16_t devices = 0;           ///< bit i: GPU i of the node
  std::int8_t mig_profile = -1;        ///< a partition of each of `devices`; -1: none
  std::uint8_t mig_slices = 0;         ///< memory slices of it, a bit each
  std::int32_t gpu_milli = kWholeGpu;  ///< taken of each of `devices`
  std::int64_t cpu_milli = 0;          ///< of all these workers
  Bytes memory{};

  friend bool operator==(const NodeShare&, const NodeShare&) = default;
};

/// Why a job does not start.
enum class Reason : std::uint8_t {
  none,          ///< it does start
  gpu_kind,      ///< no node has GPUs of a kind that it accepts
  never_fits,    ///< more than an empty cluster could hold
  no_free_gpus,  ///< `blocking` workers find no node with enough free GPUs
  no_free_cpu,   ///< GPUs would do, but not CPU or memory beside them
  topology,      ///< no domain of the required level has room for the gang
  quota,         ///< its queue's quota is used up
  head_of_line,  ///< job `blocking` is before it and does not fit
  reserved,      ///< it would delay job `blocking`, which holds a reservation
  not_selected,  ///< the policy gave the GPUs to others
};

/// Nodes that cannot take a worker, by the first filter that turns each away.
struct NodesRejected {
  std::uint32_t unschedulable = 0;  ///< not ready, or cordoned
  std::uint32_t gpu_kind = 0;       ///< GPUs of a kind that the worker does not accept, or none
  std::uint32_t gpus = 0;           ///< too few GPUs free
  std::uint32_t cpu = 0;
  std::uint32_t memory = 0;

  friend bool operator==(const NodesRejected&, const NodesRejected&) = default;
};

/// What would have to free up on the node that comes closest to taking a worker; all zero: no node ever will.
struct Shortfall {
  std::uint32_t node = 0;
  std::int32_t gpu_milli = 0;  ///< on one GPU for a share, of idle GPUs otherwise
  std::int64_t cpu_milli = 0;
  Bytes memory{};

  friend bool operator==(const Shortfall&, const Shortfall&) = default;
};

/// A reason with the fact behind it: the number or the job that its enumerator names.
struct NotNow {
  Reason reason = Reason::none;
  std::uint32_t blocking = 0;
  NodesRejected rejected{};  ///< where nodes were filtered: for the first worker that found none
  Shortfall nearest{};       ///< likewise

  friend bool operator==(const NotNow&, const NotNow&) = default;
};

/// Per node, what the job's workers take; or, without shares, why it does not start.
struct Placement {
  std::vector<NodeShare> shares;
  NotNow why_not;

  bool placed() const { return why_not.reason == Reason::none; }
  static Placement not_now(Reason reason, std::uint32_t blocking = 0) {
    return {{}, {reason, blocking}};
  }
  friend bool operator==(const Placement&, const Placement&) = default;
};

}  // namespace plimsoll
