// The list of published tables.
#include <array>

#include "planner/tables/published_table.hpp"

namespace plimsoll {

std::span<const PublishedTable> published_tables() {
  static constexpr std::array kTables{
      PublishedTable{"fgd_openb", "fgd_openb", reproduce_fgd_openb},
      PublishedTable{"pollux_artifact", "pollux_osdi21", reproduce_pollux_artifact},
      PublishedTable{"helios", "peer_runs/helios_sim", reproduce_helios},
      PublishedTable{"tiresias", "peer_runs/tiresias_sim", reproduce_tiresias},
      PublishedTable{"gavel", "gavel_results", reproduce_gavel},
  };
  return kTables;
}

}  // namespace plimsoll
