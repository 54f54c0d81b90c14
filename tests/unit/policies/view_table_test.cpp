#include "policies/view_table.hpp"

#include <vector>

#include "tests/catch.hpp"

namespace plimsoll {
namespace {

TEST_CASE("a table tells which rows changed since a version, oldest first", "[policies]") {
  ViewTable<int> table({"a", "b", "c"});
  table.set(2, 7);
  const std::uint64_t version = table.version();
  table.set(1, 5);
  table.update(0, [](int& row) { row = 3; });
  std::vector<std::uint32_t> changed;
  REQUIRE(table.changes_since(version, [&](std::uint32_t row) { changed.push_back(row); }));
  CHECK(changed == std::vector<std::uint32_t>{1, 0});
  CHECK(table.rows() == std::vector<int>{3, 5, 7});
}

TEST_CASE("a reader that is too late is told that every row may have changed", "[policies]") {
  ViewTable<int> table({"a"});
  for (int change = 0; change < 1000; ++change) table.set(0, change);
  CHECK_FALSE(table.changes_since(0, [](std::uint32_t) {}));
}

TEST_CASE("a table that grows keeps the changes that it still has, and admits those that it lost",
          "[policies]") {
  ViewTable<int> table;
  std::vector<int> seen;  // what a reader that follows the log believes
  std::uint64_t version = 0;
  for (int row = 0; row < 5000; ++row) {
    table.add(std::to_string(row), row);
    for (int change = 0; change < row % 9; ++change) {
      table.set(static_cast<std::uint32_t>((row + change) / 2), -row);
    }
    if (row % 7 != 0) continue;
    seen.resize(table.size());
    const bool whole = table.changes_since(
        version, [&](std::uint32_t changed) { seen[changed] = table.row(changed); });
    if (!whole) seen = table.rows();
    version = table.version();
    REQUIRE(seen == table.rows());
  }
  CHECK_FALSE(table.changes_since(0, [](std::uint32_t) {}));
}

}  // namespace
}  // namespace plimsoll
