// The Mooncake format: what a line says, and what is refused.
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/unit/traces/trace_files.hpp"

using namespace plimsoll;

namespace {

std::string line(const std::string& timestamp, const std::string& input, const std::string& output,
                 const std::string& ids) {
  return "{\"timestamp\": " + timestamp + ", \"input_length\": " + input +
         ", \"output_length\": " + output + ", \"hash_ids\": " + ids + "}\n";
}

Trace read(const std::string& text) {
  const test::TemporaryFolder folder;
  return read_trace({"mooncake", folder.write("t.jsonl", text)}, {"--trace"});
}

std::string fault(const std::string& text) {
  const test::TemporaryFolder folder;
  return test::fault_of("mooncake", folder.write("t.jsonl", text));
}

bool says(const std::string& message, const std::string& part) {
  INFO(message);
  return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a line is a request with the ids of its whole blocks", "[traces][mooncake]") {
  const Trace trace = read(line("0", "1100", "5", "[7, 8, 9]") + line("27", "512", "1", "[7]") +
                           line("27", "511", "2", "[10]"));
  REQUIRE(trace.arrivals.size() == 3);
  CHECK(trace.arrivals[0] == Arrival{at_ns(0), 1100, 5, {0, 2}});  // the third is not whole
  CHECK(trace.arrivals[1] == Arrival{at_ns(27'000'000), 512, 1, {2, 1}});
  CHECK(trace.arrivals[2] == Arrival{at_ns(27'000'000), 511, 2, {3, 0}});
  REQUIRE(trace.prefixes);
  CHECK(trace.prefixes->block_tokens == 512);
  CHECK(trace.prefixes->ids == std::vector<std::uint32_t>{7, 8, 7});
}

TEST_CASE("what is wrong in a line is said with its number", "[traces][mooncake]") {
  const std::string good = line("0", "10", "5", "[7]");
  CHECK(says(fault(good + "{\"timestamp\": 0\n"), "t.jsonl:2:1: is no JSON object"));
  CHECK(says(fault(good + "[1, 2]\n"), "t.jsonl:2:1: is no JSON object"));
  CHECK(says(fault(good + "{\"timestamp\": 1, \"input_length\": 2, \"output_length\": 3}\n"),
             "t.jsonl:2:1: \"hash_ids\" is missing"));
  CHECK(says(fault(line("-1", "10", "5", "[7]")), "timestamp = -1 is not a whole number from 0"));
  CHECK(says(fault(line("0.5", "10", "5", "[7]")), "timestamp = 0.5 is not a whole number"));
  CHECK(says(fault(line("0", "0", "5", "[]")), "input_length = 0 is not a whole number from 1"));
  CHECK(says(fault(line("0", "10", "\"five\"", "[7]")), "output_length = \"five\" is not a whole"));
  CHECK(says(fault(line("0", "513", "5", "[7]")),
             "hash_ids has 1 ids; a prompt of 513 tokens has 2 blocks of 512"));
  CHECK(says(fault(line("0", "10", "5", "[-7]")), "an id of hash_ids = -7 is not a whole number"));
  CHECK(says(fault(line("0", "10", "5", "7")), "hash_ids is no list of whole numbers"));
  CHECK(says(fault(line("9", "10", "5", "[7]") + line("8", "10", "5", "[7]")),
             "t.jsonl:2:1: timestamp is 1 ms before the line above"));
  CHECK(says(fault(""), "is empty; a trace needs at least one request"));
}

TEST_CASE("the conversation trace has the published size and reuse", "[traces][mooncake][data]") {
  const char* const data = std::getenv("PLIMSOLL_DATA");
  const std::string path =
      std::string(data ? data : "") + "/mooncake_fast25/conversation_trace.jsonl.zst";
  if (data == nullptr || !std::filesystem::exists(path)) {
    std::cout << "skipped: the Mooncake conversation trace ($PLIMSOLL_DATA)\n";
    return;
  }
  const Trace trace = read_trace({"mooncake", path}, {"--trace"});
  CHECK(trace.arrivals.size() == 12'031);
  CHECK(to_ns(trace.arrivals.back().at) == 3'536'999'000'000);
}
