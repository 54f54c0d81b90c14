// An offload tier as plainly as possible: a list of ids in the order of their last use, and loads that share its
// bandwidth evenly, from one start or end of a load to the next.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "sim/kv_offload.hpp"

namespace plimsoll::oracle {

class ReferenceTier {
 public:
  explicit ReferenceTier(const OffloadTierSetup& setup)
      : capacity_(static_cast<std::size_t>(setup.units)),
        bytes_per_ns_(setup.bandwidth.count() * 1e-9) {}

  bool has(std::uint32_t id) const {
    return std::find(recent_.begin(), recent_.end(), id) != recent_.end();
  }
  /// What the id drives out, if anything.
  std::optional<std::uint32_t> use(std::uint32_t id) {
    std::erase(recent_, id);
    recent_.push_back(id);
    if (recent_.size() <= capacity_) return std::nullopt;
    const std::uint32_t oldest = recent_.front();
    recent_.erase(recent_.begin());
    return oldest;
  }

  void start(std::int64_t now_ns, std::size_t request, std::int64_t bytes) {
    move_to(now_ns);
    loads_.push_back({request, static_cast<double>(bytes)});
  }
  std::int64_t next_end_ns() const {
    if (loads_.empty()) return std::numeric_limits<std::int64_t>::max();
    const double work = smallest()->left * static_cast<double>(loads_.size());
    return since_ns_ + static_cast<std::int64_t>(std::ceil(work / bytes_per_ns_));
  }
  /// The requests whose loads end by then, in order.
  std::vector<std::size_t> ended_by(std::int64_t now_ns) {
    std::vector<std::size_t> ended;
    while (next_end_ns() <= now_ns) {
      const std::size_t request = smallest()->request;
      move_to(next_end_ns());
      std::erase_if(loads_, [&](const Load& load) {
        const bool over = load.left <= 0 || load.request == request;
        if (over) ended.push_back(load.request);
        return over;
      });
    }
    return ended;
  }

 private:
  struct Load {
    std::size_t request;
    double left;  ///< bytes
  };
  std::vector<Load>::const_iterator smallest() const {
    return std::min_element(loads_.begin(), loads_.end(),
                            [](const Load& a, const Load& b) { return a.left < b.left; });
  }
  void move_to(std::int64_t now_ns) {
    const auto sharers = static_cast<double>(loads_.size());
    for (Load& load : loads_) {
      load.left -= static_cast<double>(now_ns - since_ns_) * bytes_per_ns_ / sharers;
    }
    since_ns_ = now_ns;
  }

  std::size_t capacity_;
  double bytes_per_ns_;
  std::vector<std::uint32_t> recent_;
  std::int64_t since_ns_ = 0;
  std::vector<Load> loads_;
};

}  // namespace plimsoll::oracle
