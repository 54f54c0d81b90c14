#include "results/columns.hpp"

namespace plimsoll {

std::vector<BusyTime> busy_times(const PoolFacts& pool) {
  std::vector<BusyTime> rows;
  for (std::uint32_t replica = 0; replica < pool.replica_facts.size(); ++replica) {
    const auto& busy = pool.replica_facts[replica].busy_ns;
    for (std::uint32_t sequences = 0; sequences < busy.size(); ++sequences)
      rows.push_back({replica, sequences, busy[sequences]});
  }
  return rows;
}

}  // namespace plimsoll
