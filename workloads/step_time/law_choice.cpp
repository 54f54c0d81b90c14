#include "workloads/step_time/law_choice.hpp"

#include <algorithm>
#include <cmath>

#include "core/portable_math.hpp"

namespace plimsoll {
namespace {

double octaves(double a, double b) { return std::fabs(portable::log(a / b)) / portable::log(2.0); }

double distance(const AttentionKind& a, const AttentionKind& b) {
  double sum = 4 * octaves(a.head_dim, b.head_dim) + (a.kv == b.kv ? 0 : 2);
  if (a.window > 0 && b.window > 0) {
    sum += std::min(1.0, octaves(a.window, b.window) / 8);
  } else if (a.window != b.window) {
    sum += 1;
  }
  return sum;
}

template <class Law>
Law nearest(const std::vector<Law>& laws, const AttentionKind& wanted) {
  Law law = *std::min_element(laws.begin(), laws.end(), [&](const Law& a, const Law& b) {
    return distance(a.kind, wanted) < distance(b.kind, wanted);
  });
  law.kind = wanted;
  return law;
}

}  // namespace

DecodeAttentionLaw nearest_law(const std::vector<DecodeAttentionLaw>& laws,
                               const AttentionKind& wanted) {
  return nearest(laws, wanted);
}

PrefillAttentionLaw nearest_law(const std::vector<PrefillAttentionLaw>& laws,
                                const AttentionKind& wanted) {
  return nearest(laws, wanted);
}

LatentAttentionLaw nearest_law(const std::vector<LatentAttentionLaw>& laws, const std::string& kv) {
  const auto same = std::find_if(laws.begin(), laws.end(),
                                 [&](const LatentAttentionLaw& law) { return law.kv == kv; });
  LatentAttentionLaw law = same == laws.end() ? laws.front() : *same;
  law.kv = kv;
  return law;
}

const CollectiveLaw* nearest_collective(const std::vector<CollectiveLaw>& laws,
                                        const std::string& operation, int gpus) {
  const CollectiveLaw* best = nullptr;
  for (const CollectiveLaw& law : laws) {
    if (law.operation != operation) continue;
    if (best == nullptr || octaves(law.gpus, gpus) < octaves(best->gpus, gpus)) best = &law;
  }
  return best;
}

}  // namespace plimsoll
