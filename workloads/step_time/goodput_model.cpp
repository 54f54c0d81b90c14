#include "workloads/step_time/goodput_model.hpp"

#include <algorithm>
#include <cmath>

#include "core/portable_math.hpp"

namespace plimsoll {

namespace {

constexpr int kBatches = 50;
constexpr double kSlack = 1e-8;  ///< of ceilings
constexpr double kNothing = 1e-8;

std::int32_t ceil_of(double value) { return static_cast<std::int32_t>(std::ceil(value - kSlack)); }

}  // namespace

double StepTimeLaw::compute_s(std::int32_t local_batch) const {
  return compute_base + compute_slope * local_batch;
}

double StepTimeLaw::step_s(std::int32_t nodes, std::int32_t replicas,
                           std::int32_t local_batch) const {
  double base = kNothing, slope = 0;
  if (nodes > 1) {
    base = node_base, slope = node_slope;
  } else if (replicas > 1) {
    base = local_base, slope = local_slope;
  }
  const double compute = compute_s(local_batch);
  const double network = base + slope * std::max(replicas - 2, 0);
  const double larger = std::max(compute, network);
  const double ratio = std::max(std::min(compute, network) / larger, 1e-12);
  return larger * portable::pow(1 + portable::pow(ratio, overlap), 1 / overlap);
}

BatchPlan GoodputModel::split(double batch, std::int32_t replicas) const {
  const double local = batch / replicas;
  BatchPlan plan;
  plan.accumulation = std::max(0, ceil_of(local / most_local_batch) - 1);
  if (replicas == 1 && local > least_batch + kSlack)
    plan.accumulation = std::max(1, plan.accumulation);
  plan.local = ceil_of(local / (plan.accumulation + 1));
  return plan;
}

double GoodputModel::goodput(const GradientStats& gradient, std::int32_t nodes,
                             std::int32_t replicas, const BatchPlan& plan) const {
  const double step = law.step_s(nodes, replicas, plan.local);
  const double batch = plan.batch(replicas);
  const double throughput = batch / (step + plan.accumulation * law.compute_s(plan.local));
  const double scale = batch / least_batch;
  const double noise = gradient.var / scale + gradient.sqr;
  const double gain = noise > 0 ? (gradient.var + gradient.sqr) / noise : 1.0;
  return throughput * gain / scale;
}

GoodputModel::Best GoodputModel::best(const GradientStats& gradient, std::int32_t nodes,
                                      std::int32_t replicas) const {
  if (fixed_batch > 0) {
    const BatchPlan plan = split(fixed_batch, replicas);
    return {goodput(gradient, nodes, replicas, plan), plan};
  }
  const double first = std::max(least_batch, least_local_batch * replicas);
  Best best;
  if (first > most_batch) return best;
  const double factor = portable::exp(portable::log(most_batch / first) / (kBatches - 1));
  double batch = first;
  for (int i = 0; i < kBatches; ++i, batch *= factor) {
    const BatchPlan plan = split(std::min(batch, static_cast<double>(most_batch)), replicas);
    if (plan.local < least_local_batch || plan.local > most_local_batch) continue;
    const double goodput_here = goodput(gradient, nodes, replicas, plan);
    if (goodput_here > best.goodput) best = {goodput_here, plan};
  }
  return best;
}

}  // namespace plimsoll
