// Which gangs the cluster could hold if it were empty: the others are rejected with a reason.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "policies/node_table.hpp"
#include "policies/placement.hpp"
#include "workloads/job_spec.hpp"

namespace plimsoll {

struct GangVerdict {
  Reason reason = Reason::none;  ///< none: nothing speaks against it
  std::string why;
};

/// Judges by necessary conditions: what it lets pass may still never fit, what it rejects cannot. Copyable.
class GangLimits {
 public:
  explicit GangLimits(std::shared_ptr<const ClusterFacts> facts) : facts_(std::move(facts)) {}

  /// Of a job, as submitted: its values first, then whether an empty cluster has room. Verdicts on equal gangs are
  /// found once.
  GangVerdict judge(const JobSpec& spec);

 private:
  GangVerdict room_for(const JobSpec& spec, std::optional<std::size_t> level) const;

  std::shared_ptr<const ClusterFacts> facts_;
  std::map<std::vector<std::int64_t>, GangVerdict> known_;
};

}  // namespace plimsoll
