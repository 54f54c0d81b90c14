#include "planner/validation/data_table.hpp"

#include "tests/catch.hpp"
#include "tests/unit/validation/data_folder.hpp"

namespace plimsoll {

TEST_CASE("a table finds its columns by name, quoted fields included", "[validation]") {
  const DataFolder data;
  const DataTable table(data.write("t.csv", "b,a\n\"x, \"\"y\"\"\",2.5\nz,3\n"), {"a", "b"});
  REQUIRE(table.rows() == 2);
  CHECK(table.text(0, "b") == "x, \"y\"");
  CHECK(table.number(0, "a") == 2.5);
  CHECK(table.count(1, "a") == 3);
  CHECK(table.place(1) == "t.csv:3");
}

TEST_CASE("a missing column is named with its file", "[validation]") {
  const DataFolder data;
  const auto file = data.write("t.csv", "alpha,beta\n1,2\n");
  const std::string fault = fault_of([&] { DataTable(file, {"alpha", "bta"}); });
  CHECK(fault.find("t.csv:1") != std::string::npos);
  CHECK(fault.find("bta") != std::string::npos);
  CHECK(fault.find("Did you mean \"beta\"?") != std::string::npos);
}

TEST_CASE("a field that is no number is refused with file, line and column", "[validation]") {
  const DataFolder data;
  for (const char* wrong : {"abc", "", "nan", "inf", "1.5x"}) {
    const DataTable table(data.write("t.csv", std::string("a,b\n1,2\n") + wrong + ",2\n"), {"a"});
    const std::string fault = fault_of([&] { table.number(1, "a"); });
    CHECK(fault.find("t.csv:3") != std::string::npos);
    CHECK(fault.find("a = ") != std::string::npos);
  }
  const DataTable table(data.write("t.csv", "a\n-1\n"), {"a"});
  CHECK_FALSE(fault_of([&] { table.positive(0, "a"); }).empty());
  CHECK_FALSE(fault_of([&] { table.count(0, "a"); }).empty());
}

TEST_CASE("a row of another width, an empty file and a lone header are refused", "[validation]") {
  const DataFolder data;
  const auto fault = [&](const char* text) {
    const auto file = data.write("t.csv", text);
    return fault_of([&] { DataTable(file, {"a"}); });
  };
  CHECK(fault("a,b\n1,2\n1\n").find("t.csv:3") != std::string::npos);
  CHECK_FALSE(fault("").empty());
  CHECK_FALSE(fault("a,b\n").empty());
  CHECK_FALSE(fault("a,a\n1,2\n").empty());
}

}  // namespace plimsoll
