#include "workloads/cold_start.hpp"

namespace plimsoll {

Duration ready_after(const ColdStart& start, Bytes weights) {
  const Duration ready = weights / start.storage + start.engine;
  if (start.probe_interval.count() <= 0) return ready;
  const auto checks = (ready + start.probe_interval - Duration{1}) / start.probe_interval;
  return checks * start.probe_interval;
}

}  // namespace plimsoll
