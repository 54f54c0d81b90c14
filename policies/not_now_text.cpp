#include "policies/not_now_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace plimsoll {

namespace {

std::string reason_text(const NotNow& why, const std::string& job) {
  const std::uint32_t fact = why.blocking;
  switch (why.reason) {
    case Reason::none:
      return "";
    case Reason::gpu_kind:
      return "no node has GPUs of a kind that it accepts";
    case Reason::never_fits:
      return "an empty cluster could not hold it";
    case Reason::no_free_gpus:
      return fmt::format("{} of its workers find no node with enough free GPUs", fact);
    case Reason::no_free_cpu:
      return fmt::format("{} of its workers find no node with enough CPU and memory", fact);
    case Reason::topology:
      return "no domain of the required level has room for all of it";
    case Reason::quota:
      return "its queue's quota is used up";
    case Reason::head_of_line:
      return fmt::format("job {} is before it and does not fit", job);
    case Reason::reserved:
      return fmt::format("it would delay job {}, which holds a reservation", job);
    case Reason::not_selected:
      return "the policy gave the GPUs to others";
  }
  return "";
}

std::string rejected_text(const NodesRejected& rejected) {
  std::vector<std::string> parts;
  const auto add = [&](std::uint32_t nodes, const char* for_what) {
    if (nodes > 0) parts.push_back(fmt::format("{} {}", nodes, for_what));
  };
  add(rejected.unschedulable, "not schedulable");
  add(rejected.gpu_kind, "by kind of GPU");
  add(rejected.gpus, "for GPUs");
  add(rejected.cpu, "for CPU");
  add(rejected.memory, "for memory");
  return parts.empty() ? "" : fmt::format("; nodes turned away: {}", fmt::join(parts, ", "));
}

std::string shortfall_text(const Shortfall& nearest, const std::vector<std::string>& node_names) {
  std::vector<std::string> parts;
  if (nearest.gpu_milli > 0) {
    parts.push_back(fmt::format("{:g} GPUs", static_cast<double>(nearest.gpu_milli) / kWholeGpu));
  }
  if (nearest.cpu_milli > 0) {
    parts.push_back(fmt::format("{:g} CPUs", static_cast<double>(nearest.cpu_milli) / 1000));
  }
  if (nearest.memory > Bytes{0}) {
    const auto gib = static_cast<double>(nearest.memory.count()) / (1 << 30);
    parts.push_back(fmt::format("{:.3g} GiB", gib));
  }
  if (parts.empty() || nearest.node >= node_names.size()) return "";
  return fmt::format("; closest is {}, where {} would have to free up", node_names[nearest.node],
                     fmt::join(parts, " and "));
}

}  // namespace

std::string text_of(const NotNow& why, const std::vector<std::string>& node_names,
                    const std::string& blocking_job) {
  const std::string job = blocking_job.empty() ? std::to_string(why.blocking) : blocking_job;
  return reason_text(why, job) + rejected_text(why.rejected) +
         shortfall_text(why.nearest, node_names);
}

}  // namespace plimsoll
