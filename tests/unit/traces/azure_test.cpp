// The Azure format: time stamps, and every way that a row can be wrong.
#include <string>
#include <string_view>
#include <vector>

#include "tests/catch.hpp"
#include "tests/unit/traces/trace_files.hpp"

using namespace plimsoll;

namespace {

const std::string kHeader = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
const std::string kFirst = "2023-11-16 18:15:46.6805900,374,44\n";

std::vector<Arrival> rows(const std::string& text) {
  const test::TemporaryFolder folder;
  return test::load("azure", folder.write("a.csv", kHeader + text));
}

/// The fault of a file that has a good first row and then this one.
std::string fault(const std::string& row) {
  const test::TemporaryFolder folder;
  return test::fault_of("azure", folder.write("a.csv", kHeader + kFirst + row + "\n"));
}

std::int64_t ns_after_first(const std::string& timestamp) {
  return to_ns(rows(kFirst + timestamp + ",1,1\n").back().at);
}

}  // namespace

TEST_CASE("the first row of an Azure trace is time 0 and ticks are 100 ns", "[traces][azure]") {
  const auto all =
      rows("2023-11-16 18:15:46.6805900,374,44\r\n2023-11-16 18:15:50.9951691,396,109");
  REQUIRE(all.size() == 2);
  CHECK(all[0] == Arrival{at_ns(0), 374, 44});
  CHECK(all[1] == Arrival{at_ns(4'314'579'100), 396, 109});
}

TEST_CASE("Azure time stamps cross midnight, months and leap days", "[traces][azure]") {
  const std::string day = "2024-02-28 23:59:59.0000000,1,1\n";
  CHECK(to_ns(rows(day + "2024-02-29 00:00:00.5,1,1\n")[1].at) == 1'500'000'000);
  CHECK(to_ns(rows(day + "2024-03-01 00:00:00,1,1\n")[1].at) == (86'400 + 1) * 1'000'000'000LL);
}

TEST_CASE("the time stamps of the 2024 traces, with microseconds and a zone, are read too",
          "[traces][azure]") {
  CHECK(ns_after_first("2023-11-16 18:15:47.680590+00:00") == 1'000'000'000);
  CHECK(ns_after_first("2023-11-16 18:15:47.680590123") == 1'000'000'123);
}

TEST_CASE("a byte order mark, Windows line ends and blank lines are no rows", "[traces][azure]") {
  const test::TemporaryFolder folder;
  const std::string path =
      folder.write("a.csv", "\xEF\xBB\xBF" + kHeader + "\r\n" + kFirst + "\r\n\n");
  CHECK(test::load("azure", path).size() == 1);
}

TEST_CASE("a wrong field of an Azure row is shown with its place", "[traces][azure]") {
  const std::string at = "2023-11-16 18:15:47.0000000,";
  CHECK(fault(at + "12,abc") ==
        "a.csv:3:32: GeneratedTokens = \"abc\" is not a whole number from 1 to 1000000000.");
  CHECK(fault(at + "nan,1") ==
        "a.csv:3:29: ContextTokens = \"nan\" is not a whole number from 1 to 1000000000.");
  CHECK(fault(at + "1.5,1") ==
        "a.csv:3:29: ContextTokens = \"1.5\" is not a whole number from 1 to 1000000000.");
  CHECK(fault(at + ",1") ==
        "a.csv:3:29: ContextTokens = \"\" is not a whole number from 1 to 1000000000.");
  CHECK(fault(at + "0,1") == "a.csv:3:29: ContextTokens = \"0\" is outside [1, 1000000000].");
  CHECK(fault(at + "-7,1") == "a.csv:3:29: ContextTokens = \"-7\" is outside [1, 1000000000].");
  CHECK(fault(at + "7,0") == "a.csv:3:31: GeneratedTokens = \"0\" is outside [1, 1000000000].");
  CHECK(fault(at + "99999999999999999999,1") ==
        "a.csv:3:29: ContextTokens = \"99999999999999999999\" is outside [1, 1000000000].");
}

TEST_CASE("an Azure row with too few or too many fields says how many", "[traces][azure]") {
  const std::string need = "; it needs 3: TIMESTAMP, ContextTokens, GeneratedTokens.";
  CHECK(fault("2023-11-16 18:15:47") == "a.csv:3:1: the row has 1 field" + need);
  CHECK(fault("2023-11-16 18:15:47,5") == "a.csv:3:1: the row has 2 fields" + need);
  CHECK(fault("2023-11-16 18:15:47,5,6,7,8") == "a.csv:3:1: the row has 5 fields" + need);
}

TEST_CASE("a date that is none is refused", "[traces][azure]") {
  for (const std::string date :
       {"2023-02-30 00:00:00", "2023-13-01 00:00:00", "2023-11-16 24:00:00", "2023-11-16 18:60:00",
        "2023-11-16 18:15:60", "2023-11-16T18:15:47", "16.11.2023 18:15:47", "2023-11-16 18:15:47.",
        "2023-11-16 18:15:47.1234567890", "2023-11-16 18:15:47+02:00", "1969-12-31 23:59:59",
        "9999-01-01 00:00:00", "nan", "", "-2023-11-16 18:15:47", "2023-11-16 18:15:4 "}) {
    CHECK(fault(date + ",5,6") == "a.csv:3:1: TIMESTAMP = \"" + date +
                                      "\" is no UTC time stamp of the years 1970 to 2199; "
                                      "write it as \"2023-11-16 18:15:46.6805900\".");
  }
}

TEST_CASE("time that goes back is refused, time that stands still is not", "[traces][azure]") {
  CHECK(fault("2023-11-16 18:15:46.6805899,5,6") ==
        "a.csv:3:1: TIMESTAMP = \"2023-11-16 18:15:46.6805899\" is 0.000000100 s before the row "
        "above; "
        "sort the rows by time.");
  CHECK(rows(kFirst + kFirst).size() == 2);
}

TEST_CASE("all faults of a trace are reported, up to ten", "[traces][azure]") {
  const std::string two = fault("x,1,1\n2023-11-16 18:15:47,1,1\n2023-11-16 18:15:48,0,1");
  CHECK(two.find("a.csv:3:1: TIMESTAMP = \"x\"") == 0);
  CHECK(two.find("\na.csv:5:21: ContextTokens = \"0\"") != std::string::npos);
  std::string many = "x,1,1";
  for (int i = 0; i < 50; ++i) many += "\nx,1,1";
  const std::string text = fault(many);
  CHECK(std::count(text.begin(), text.end(), '\n') == 10);
  CHECK(text.ends_with("a.csv: not read further after 10 faults."));
}

TEST_CASE("a wrong header shows the one found and the one needed", "[traces][azure]") {
  const test::TemporaryFolder folder;
  CHECK(test::fault_of("azure",
                       folder.write("a.csv", "arrival_s,prompt_tokens,output_tokens\n0.5,1,1\n")) ==
        "a.csv:1:1: the header is \"arrival_s,prompt_tokens,output_tokens\"; "
        "this format needs \"TIMESTAMP,ContextTokens,GeneratedTokens\".");
  CHECK(test::fault_of("azure", folder.write("b.csv", std::string("\0\x1F\x8B,", 4))) ==
        "b.csv:1:1: the header is \"\\x00\\x1F\\x8B,\"; this format needs "
        "\"TIMESTAMP,ContextTokens,GeneratedTokens\".");
}

TEST_CASE("a file without a row is refused", "[traces][azure]") {
  const test::TemporaryFolder folder;
  CHECK(test::fault_of("azure", folder.write("a.csv", "")) ==
        "a.csv: is empty; its first line must be \"TIMESTAMP,ContextTokens,GeneratedTokens\".");
  CHECK(test::fault_of("azure", folder.write("b.csv", kHeader)) ==
        "b.csv: has a header but no row; a trace needs at least one request.");
}

TEST_CASE("a line longer than any row ends the reading", "[traces][azure]") {
  CHECK(fault(std::string(100'000, '7')) ==
        "a.csv:3:1: a line of over 65536 bytes is no row of a trace.");
}

TEST_CASE("the Azure 2023 conversation trace has the figures published for it", "[traces][azure]") {
  const std::string path = test::data_path(test::kAzureConversation);
  if (path.empty()) return;
  const auto all = test::load("azure", path);
  CHECK(all.size() == 19'366);
  CHECK(all.front() == Arrival{at_ns(0), 374, 44});
  CHECK(to_seconds(all.back().at) == Approx(3501.721937).margin(1e-6));
  std::int64_t prompt = 0;
  std::int64_t output = 0;
  for (const Arrival& arrival : all) {
    prompt += arrival.prompt_tokens;
    output += arrival.output_tokens;
  }
  CHECK(prompt / 19'366 == 1154);
  CHECK(output / 19'366 == 211);
}
