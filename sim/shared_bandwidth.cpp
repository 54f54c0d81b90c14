#include "sim/shared_bandwidth.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace plimsoll {

void SharedBandwidth::start(std::int64_t now_ns, std::uint16_t holder, Bytes size) {
  advance(now_ns);
  transfers_.push_back({holder, static_cast<double>(size.count())});
}

std::vector<SharedBandwidth::Transfer>::const_iterator SharedBandwidth::least() const {
  return std::min_element(transfers_.begin(), transfers_.end(),
                          [](const Transfer& a, const Transfer& b) { return a.left < b.left; });
}

std::int64_t SharedBandwidth::next_done_ns() const {
  if (transfers_.empty()) return std::numeric_limits<std::int64_t>::max();
  const double work = least()->left * static_cast<double>(transfers_.size());
  return since_ns_ + static_cast<std::int64_t>(std::ceil(work / bytes_per_ns_));
}

void SharedBandwidth::advance(std::int64_t now_ns) {
  const double each = static_cast<double>(now_ns - since_ns_) * bytes_per_ns_ /
                      static_cast<double>(std::max<std::size_t>(transfers_.size(), 1));
  for (Transfer& transfer : transfers_) transfer.left -= each;
  since_ns_ = now_ns;
}

void SharedBandwidth::take_done(std::int64_t now_ns, std::vector<std::uint16_t>& holders) {
  while (!transfers_.empty() && next_done_ns() <= now_ns) {
    const auto first = static_cast<std::size_t>(least() - transfers_.begin());
    advance(next_done_ns());
    transfers_[first].left = 0;  // whatever rounding leaves of it
    for (const Transfer& transfer : transfers_) {
      if (transfer.left <= 0) holders.push_back(transfer.holder);
    }
    std::erase_if(transfers_, [](const Transfer& transfer) { return transfer.left <= 0; });
  }
}

}  // namespace plimsoll
