#include "policies/fragmentation.hpp"

#include <algorithm>

namespace plimsoll {

namespace {

/// Why free GPUs are of no use to a worker. The order in which the causes are added.
enum Cause : std::uint8_t {
  kLacksBoth,
  kLacksGpu,
  kLacksCpu,
  kNeedsNoGpu,
  kNeedsNoGpuLacksCpu,
  kWrongKind,
  kCauses
};

}  // namespace

Fragmentation::Fragmentation(const std::vector<TypicalWorker>& workers) {
  std::vector<std::int32_t> sizes;
  for (const TypicalWorker& worker : workers) {
    if (worker.gpus > 0) sizes.push_back(worker.gpu_milli);
  }
  std::ranges::sort(sizes);
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  sizes_ = sizes.size();
  const auto at_most = [&](std::int32_t milli) {
    return static_cast<std::uint16_t>(std::ranges::upper_bound(sizes, milli) - sizes.begin());
  };
  for (std::int32_t milli = 0; milli <= kWholeGpu; ++milli) {
    sizes_that_fit_[static_cast<std::size_t>(milli)] = at_most(milli);
  }
  for (const TypicalWorker& worker : workers) {
    const std::uint32_t size = worker.gpus > 0 ? at_most(worker.gpu_milli) - 1U : 0U;
    terms_.push_back({worker.cpu_milli, worker.weight, worker.gpu_kinds, worker.gpus, size});
  }
}

void Fragmentation::look_at(std::span<const std::uint16_t> free_gpu_milli,
                            std::span<Usable> by_size) const {
  std::ranges::fill(by_size, Usable{});
  for (const std::uint16_t free : free_gpu_milli) {
    const std::size_t first_too_large = sizes_that_fit_[free];
    if (first_too_large > 0) ++by_size[first_too_large - 1].gpus;
    if (first_too_large < by_size.size()) by_size[first_too_large].unusable_milli += free;
  }
  for (std::size_t size = 1; size < by_size.size(); ++size) {
    by_size[size].unusable_milli += by_size[size - 1].unusable_milli;
    const std::size_t down = by_size.size() - 1 - size;
    by_size[down].gpus += by_size[down + 1].gpus;
  }
}

double Fragmentation::gpu_milli(const NodeFacts& node, std::int64_t free_cpu_milli,
                                std::span<const std::uint16_t> free_gpu_milli) const {
  std::int32_t free = 0;
  for (const std::int32_t milli : free_gpu_milli) free += milli;
  if (free == 0) return 0;
  std::array<Usable, kMostSizes> sizes;
  const std::span<Usable> by_size(sizes.data(), sizes_);
  look_at(free_gpu_milli, by_size);

  std::array<double, kCauses> lost{};
  for (const Term& term : terms_) {
    const bool cpu = free_cpu_milli >= term.cpu_milli;
    const double all = term.weight * static_cast<double>(free);
    if (term.gpus == 0) {
      lost[cpu ? kNeedsNoGpu : kNeedsNoGpuLacksCpu] += all;
    } else if ((term.gpu_kinds >> node.gpu_kind & 1) == 0) {
      lost[kWrongKind] += all;
    } else if (by_size[term.size].gpus < term.gpus) {
      lost[cpu ? kLacksGpu : kLacksBoth] += all;
    } else if (!cpu) {
      lost[kLacksCpu] += all;
    } else {
      lost[kLacksGpu] += term.weight * static_cast<double>(by_size[term.size].unusable_milli);
    }
  }
  double sum = 0;
  for (const double amount : lost) sum += amount;
  return sum;
}

}  // namespace plimsoll
