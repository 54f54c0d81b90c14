#include "planner/validation/collectives.hpp"

#include <cstdlib>
#include <iostream>

#include "hardware/catalog_paths.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;

TEST_CASE("collectives take the time that was measured, within a tenth by GPU and group size",
          "[validation][collectives]") {
  const char* data = std::getenv("PLIMSOLL_DATA");
  if (data == nullptr || !std::filesystem::is_directory(data)) {
    std::cout << "skipped: PLIMSOLL_DATA does not name a folder that holds measured collectives\n";
    return;
  }
  const CollectiveStudy study = study_collectives(data, catalog_roots({}, "no scenario"));
  if (study.summary.empty()) {
    std::cout << "skipped: no measured collectives in $PLIMSOLL_DATA\n";
    return;
  }
  std::cout << render_collectives(study);
  for (const CollectiveErrors& row : study.summary) {
    INFO(row.gpu << " x " << row.gpus << " on " << row.nodes);
    CHECK(within_target(row));
  }
}

TEST_CASE("a folder without measured collectives gives an empty study", "[validation]") {
  const CollectiveStudy study = study_collectives("no folder", catalog_roots({}, "no scenario"));
  CHECK(study.summary.empty());
  CHECK(study.notes.empty());
}
