// Our own format, read and written.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/random_stream.hpp"
#include "tests/catch.hpp"
#include "tests/unit/traces/trace_files.hpp"
#include "traces/trace_stream.hpp"

using namespace plimsoll;

namespace {

const std::string kHeader = "arrival_s,prompt_tokens,output_tokens\n";

std::vector<Arrival> rows(const std::string& text) {
  const test::TemporaryFolder folder;
  return test::load("csv", folder.write("t.csv", kHeader + text));
}

std::string fault(const std::string& text) {
  const test::TemporaryFolder folder;
  return test::fault_of("csv", folder.write("t.csv", kHeader + text));
}

/// Random, with ties, over several blocks.
std::shared_ptr<const std::vector<Arrival>> some_arrivals(std::size_t count) {
  const RandomStream stream(1, "test", "arrivals");
  auto all = std::make_shared<std::vector<Arrival>>();
  SimTime at{};
  for (std::uint64_t i = 0; i < count; ++i) {
    at += Duration{below(3, stream.bits(i)) * below(2'000'000'000, stream.bits(i, 1))};
    all->push_back({at, 1 + static_cast<std::int32_t>(below(100'000, stream.bits(i, 2))),
                    1 + static_cast<std::int32_t>(below(1'000'000'000, stream.bits(i, 3)))});
  }
  return all;
}

}  // namespace

TEST_CASE("seconds of a csv trace are exact to the nanosecond", "[traces][csv]") {
  const auto all = rows("0,1,1\n0.000000001,2,3\n1.5,4,5\n999999999.999999999,6,7\n");
  REQUIRE(all.size() == 4);
  CHECK(all[0] == Arrival{at_ns(0), 1, 1});
  CHECK(all[1] == Arrival{at_ns(1), 2, 3});
  CHECK(all[2] == Arrival{at_ns(1'500'000'000), 4, 5});
  CHECK(all[3] == Arrival{at_ns(999'999'999'999'999'999), 6, 7});
}

TEST_CASE("a csv trace keeps the time before its first request", "[traces][csv]") {
  CHECK(rows("12.25,1,1\n").front().at == at_ns(12'250'000'000));
}

TEST_CASE("what is no decimal number of seconds is refused with its place", "[traces][csv]") {
  for (const std::string time :
       {"nan", "inf", "-1", "1e3", ".5", "1.", "", " 1", "+1", "1,5", "1000000000", "0x10",
        "1.0000000001", "1.-5", "1.5s", "1_000", "9999999999999999999999"}) {
    if (time == "1,5") continue;
    CHECK(fault(time + ",3,4\n") ==
          "t.csv:2:1: arrival_s = \"" + time +
              "\" is no time; write seconds from 0 up to 999999999 as a decimal number "
              "with at most 9 decimals, such as 12.345678901.");
  }
  CHECK(fault("1,5,3,4\n").starts_with("t.csv:2:1: the row has 4 fields"));
}

TEST_CASE("wrong token counts and times that go back are refused in a csv trace", "[traces][csv]") {
  CHECK(fault("1.5,0,4\n") == "t.csv:2:5: prompt_tokens = \"0\" is outside [1, 1000000000].");
  CHECK(fault("1.5,4,-1\n") == "t.csv:2:7: output_tokens = \"-1\" is outside [1, 1000000000].");
  CHECK(fault("1.5,4,1\n1.25,4,1\n") ==
        "t.csv:3:1: arrival_s = \"1.25\" is 0.250000000 s before the row above; sort the rows by "
        "time.");
  CHECK(fault("") == "t.csv: has a header but no row; a trace needs at least one request.");
}

TEST_CASE("what is written is read back, plain and compressed", "[traces][csv]") {
  const test::TemporaryFolder folder;
  const auto all = some_arrivals(10'000);
  for (const char* name : {"t.csv", "t.csv.zst"}) {
    TraceStream stream(all);
    write_trace(stream, folder.path(name));
    CHECK(test::load("csv", folder.path(name)) == *all);
  }
  CHECK(std::filesystem::file_size(folder.path("t.csv.zst")) <
        std::filesystem::file_size(folder.path("t.csv")));
}

TEST_CASE("a compressed trace cut short anywhere is refused", "[traces][csv]") {
  const test::TemporaryFolder folder;
  TraceStream stream(some_arrivals(5'000));
  write_trace(stream, folder.path("t.csv.zst"));
  const std::string bytes = test::read_bytes(folder.path("t.csv.zst"));
  for (std::size_t keep = 4; keep < bytes.size(); keep += bytes.size() / 50) {
    const std::string text =
        test::fault_of("csv", folder.write("cut.csv.zst", bytes.substr(0, keep)));
    CHECK(text.find("is truncated: the file ends within a zstd frame; fetch it again.") !=
          std::string::npos);
  }
  std::string flipped = bytes;
  flipped[bytes.size() - 2] = static_cast<char>(flipped[bytes.size() - 2] ^ 1);  // in the checksum
  CHECK(test::fault_of("csv", folder.write("bad.csv.zst", flipped)).find("is damaged: zstd says") !=
        std::string::npos);
}

TEST_CASE("several zstd frames in a row are one file", "[traces][csv]") {
  const test::TemporaryFolder folder;
  TraceStream stream(some_arrivals(100));
  write_trace(stream, folder.path("t.csv.zst"));
  const std::string empty_frame{"\x28\xB5\x2F\xFD\x20\x00\x01\x00\x00", 9};
  const std::string bytes = test::read_bytes(folder.path("t.csv.zst"));
  CHECK(test::load("csv", folder.write("two.csv.zst", empty_frame + bytes + empty_frame)).size() ==
        100);
}

TEST_CASE("a trace that cannot be written leaves nothing behind", "[traces][csv]") {
  const test::TemporaryFolder folder;
  TraceStream stream(some_arrivals(10));
  CHECK_THROWS_AS(write_trace(stream, folder.path("missing/t.csv")), IoError);
  CHECK(std::filesystem::is_empty(folder.path("")));
}

TEST_CASE("a trace as a stream gives all arrivals in blocks, and a clone goes on from its place",
          "[traces]") {
  const auto all = some_arrivals(10'000);
  TraceStream stream(all);
  std::vector<Arrival> block;
  std::vector<Arrival> seen;
  stream.next(seen);
  CHECK(seen.size() == kArrivalBlock);
  const auto clone = stream.clone();
  for (stream.next(block); !block.empty(); stream.next(block))
    seen.insert(seen.end(), block.begin(), block.end());
  CHECK(seen == *all);
  clone->next(block);
  CHECK(std::equal(block.begin(), block.end(), all->begin() + kArrivalBlock));
  stream.next(block);
  CHECK(block.empty());
}
