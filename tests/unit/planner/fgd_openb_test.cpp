// The published results of the FGD study, and how they are compared.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstdlib>
#include <iostream>

#include "planner/tables/fgd_curves.hpp"
#include "planner/tables/fgd_mini152.hpp"
#include "planner/tables/fgd_study.hpp"
#include "planner/tables/published_table.hpp"
#include "tests/catch.hpp"
#include "tests/unit/traces/trace_files.hpp"

namespace plimsoll::test {
namespace {

TEST_CASE("values are rounded to cents by their exact decimal value", "[tables][fgd]") {
  CHECK(round_to_cents(13.884) == 13.88);
  CHECK(round_to_cents(13.886) == 13.89);
  CHECK(round_to_cents(0.125) == 0.12);  // exactly in the middle: to even
  CHECK(round_to_cents(0.375) == 0.38);
  CHECK(round_to_cents(1.005) == 1.00);  // just below the middle, though 100 * 1.005 is 100.5
  CHECK(round_to_cents(2.675) == 2.67);
  CHECK(round_to_cents(1.115) == 1.11);  // 1.115 is 1.1149999...
}

TEST_CASE("a load without arrivals has the mean of its neighbours", "[tables][fgd]") {
  FgdCurveMaker maker(10);
  const Placement placement;
  maker.add({placement, 0, 0, 10'000, 1'000});
  maker.add({placement, 200, 100, 9'900, 2'000});  // 2 % of the demand
  const FgdCurves curves = maker.curves();
  CHECK(curves.allocation[0] == 0);
  CHECK(curves.allocation[2] == 1.0);
  CHECK(curves.allocation[1] == 0.5);
  CHECK(curves.lost[1] == Approx(15));
  CHECK(curves.ratio[2] == 20.2);
}

/// A study of three nodes and forty pods, with rows that no experiment gave.
void write_small_study(const TemporaryFolder& folder) {
  std::filesystem::create_directories(folder.path("fgd_openb"));
  const auto write = [&](const char* name, const std::string& text) {
    folder.write(std::string("fgd_openb/") + name, text);
  };
  write("openb_node_list_gpu_node.csv",
        "sn,cpu_milli,memory_mib,gpu,model\na,32000,65536,4,T4\nb,32000,65536,8,G2\nc,8000,65536,1,"
        "T4\n");
  std::string pods = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n";
  std::string order;
  for (int pod = 0; pod < 40; ++pod) {
    const bool whole = pod % 3 == 0;
    pods += fmt::format("p{},{},256,1,{},{}\n", pod, 500 * (1 + pod % 4),
                        whole ? 1000 : 100 + 50 * (pod % 9), pod % 5 == 0 ? "T4|G2" : "");
    order += fmt::format("{}{}", pod > 0 ? " " : "", pod * 7 % 40);
  }
  write("few.csv", pods);
  write("arrival_order_and_node_perm.csv",
        fmt::format("workload,seed,num_pods,pod_row_order,node_name_prefix\nfew,1,40,{},2 0 1\n"
                    "few,2,40,{},0 1 2\n",
                    order, order));
  std::string header = "workload,sc_policy,tune,seed";
  std::string values;
  for (std::size_t point = 0; point < kLoadPoints; ++point) {
    header += fmt::format(",{}", point);
    values += ",50";
  }
  std::string rows = header + "\n";
  for (const char* policy : {"01-Random", "02-DotProd", "06-FGD", "07-Unheard"}) {
    for (const int seed : {1, 2}) rows += fmt::format("few,{},1.3,{}{}\n", policy, seed, values);
  }
  write("analysis_frag_ratio_discrete.csv", rows);
}

TEST_CASE("the study runs the same on any number of threads, and says what it leaves out",
          "[tables][fgd]") {
  const TemporaryFolder folder;
  write_small_study(folder);
  const TableResult one = reproduce_fgd_openb(folder.path("."), {1});
  const TableResult three = reproduce_fgd_openb(folder.path("."), {3});
  REQUIRE(one.slices.size() == 3);
  REQUIRE(three.slices.size() == 3);
  for (std::size_t i = 0; i < one.slices.size(); ++i) {
    CHECK(one.slices[i].slice == three.slices[i].slice);
    CHECK(one.slices[i].worst == three.slices[i].worst);
    CHECK(one.slices[i].ours == three.slices[i].ours);
    CHECK_FALSE(one.slices[i].reproduced());  // the rows are made up
  }
  CHECK(one.slices[1].slice == "02-DotProd");
  CHECK(one.slices[1].compared == 2 * kLoadPoints);
  CHECK(one.notes == three.notes);
  const std::string notes = fmt::format("{}", fmt::join(one.notes, "; "));
  CHECK_THAT(notes, Catch::Contains("2 rows left out"));
  CHECK_THAT(notes, Catch::Contains("analysis_frag_discrete.csv is absent"));
}

TEST_CASE("an order of arrival that does not fit its lists is an error with its place",
          "[tables][fgd]") {
  const TemporaryFolder folder;
  write_small_study(folder);
  const std::string header = "workload,seed,num_pods,pod_row_order,node_name_prefix\n";
  const auto fault = [&](const std::string& row) -> std::string {
    folder.write("fgd_openb/arrival_order_and_node_perm.csv", header + row);
    try {
      reproduce_fgd_openb(folder.path("."), {1});
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  CHECK_THAT(fault("few,1,2,0 40,0 1 2\n"),
             Catch::Contains(":2:1: pod_row_order: row 40 of a list with 40 rows"));
  CHECK_THAT(fault("few,1,2,0 1,0 1\n"), Catch::Contains("2 numbers for 3 nodes"));
  CHECK_THAT(fault("few,1,3,0 1,0 1 2\n"), Catch::Contains("num_pods = \"3\""));
  CHECK_THAT(fault("few,1,2,0 x,0 1 2\n"), Catch::Contains("pod_row_order"));
}

TEST_CASE("the study's single placements on 152 nodes are made again, node by node and GPU by GPU",
          "[tables][fgd]") {
  const char* const data = std::getenv("PLIMSOLL_DATA");
  const auto folder = std::filesystem::path(data != nullptr ? data : "") / "fgd_openb";
  if (data == nullptr || !std::filesystem::exists(folder / "mini152")) {
    std::cout << "skipped: placements of the FGD study ($PLIMSOLL_DATA)\n";
    return;
  }
  TableResult result;
  reproduce_mini152(folder, result);
  for (const TableSlice& slice : result.slices) {
    INFO(slice.slice);
    CHECK(slice.compared > 0);
    CHECK(slice.reproduced());
  }
}

}  // namespace
}  // namespace plimsoll::test
