#include "workloads/step_time/communication.hpp"

#include <algorithm>

#include "workloads/step_time/datasheet_laws.hpp"
#include "workloads/step_time/law_choice.hpp"
#include "workloads/step_time/operator_times.hpp"

namespace plimsoll {

double collective_us(const std::string& operation, std::int32_t gpus, double bytes,
                     const std::vector<CollectiveLaw>& laws, BytesPerSecond link) {
  const CollectiveLaw* law = nearest_collective(laws, operation, gpus);
  return law != nullptr ? extended_us(law->time_us, bytes)
                        : datasheet_collective_us(operation, gpus, bytes, link);
}

double Communication::layers_us(double tokens) const {
  const double bytes = tokens * model_.hidden * static_cast<double>(kActivationBytes);
  const std::int32_t t = parallelism_.tensor;
  const double reduce = t > 1 ? collective_us("all_reduce", t, bytes, laws_, rates_.link) : 0;
  if (!model_.mixture || parallelism_.data == 1) return 2.0 * model_.layers * reduce;
  const std::int32_t shared = t * parallelism_.data;
  const std::int32_t copies = std::min(model_.mixture->experts_per_token, parallelism_.expert);
  const double exchange =
      collective_us("all_to_all", shared, bytes * copies / t, laws_, rates_.link);
  return model_.layers * reduce + model_.dense_layers() * reduce +
         model_.mixture_layers() * 2.0 * exchange;
}

double Communication::send_us(double tokens) const {
  const double bytes = tokens * model_.hidden * static_cast<double>(kActivationBytes);
  return collective_us("send_recv", 2, bytes / parallelism_.tensor, laws_, rates_.link);
}

}  // namespace plimsoll
