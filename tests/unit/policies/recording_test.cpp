// The one dump format: what is written reads back, and what is wrong is said with its line.
#include "policies/recording.hpp"
#include "core/error.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

struct Collected final : RecordingVisitor {
  void begin(const RecordingBegin& line) override { begins.push_back(line); }
  void change(std::string_view, std::string_view replica, const ReplicaRow& row) override {
    changes.emplace_back(replica, row);
  }
  void decision(std::string_view, const RequestView& request) override {
    decisions.push_back(request);
  }

  std::vector<RecordingBegin> begins;
  std::vector<std::pair<std::string, ReplicaRow>> changes;
  std::vector<RequestView> decisions;
};

std::string fault_of(const std::string& line) {
  Collected collected;
  try {
    read_recording_line(line, "views.jsonl", 12, collected);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("lines of a recording read back as they were written", "[policies][recording]") {
  Collected collected;
  std::string text;
  write_begin(text, {"chat \"x\"",
                     "random",
                     "reserve: 0.5\n",
                     18'000'000'000'000'000'000u,
                     "pools/chat/gateway",
                     {"a-0", "a-1"}});
  read_recording_line(text, "v", 1, collected);
  REQUIRE(collected.begins.size() == 1);
  CHECK(collected.begins[0].pool == "chat \"x\"");
  CHECK(collected.begins[0].settings == "reserve: 0.5\n");
  CHECK(collected.begins[0].seed == 18'000'000'000'000'000'000u);
  CHECK(collected.begins[0].replicas == std::vector<std::string>{"a-0", "a-1"});

  ReplicaRow row;
  row.observed_at = at_ns(123);
  row.running = 1;
  row.waiting = 2;
  row.kv_used_blocks = 3;
  row.dispatched_since_scrape = 4;
  row.in_flight = 4'000'000'000u;
  text.clear();
  write_change(text, "chat", at_ns(99), "a-1", row);
  read_recording_line(text, "v", 2, collected);
  REQUIRE(collected.changes.size() == 1);
  CHECK(collected.changes[0].first == "a-1");
  CHECK(collected.changes[0].second == row);

  text.clear();
  write_decision(text, "chat", {17, at_ns(5), 900}, "a-0");
  read_recording_line(text, "v", 3, collected);
  REQUIRE(collected.decisions.size() == 1);
  CHECK(collected.decisions[0].id == 17);
  CHECK(collected.decisions[0].arrived_at == at_ns(5));
  CHECK(collected.decisions[0].prompt_tokens == 900);
}

TEST_CASE("a wrong line of a recording is refused with its place", "[policies][recording]") {
  CHECK(fault_of("{") == "views.jsonl:12:1: not a JSON object; a recording holds one per line");
  CHECK(fault_of("[1]").find("not a JSON object") != std::string::npos);
  CHECK(fault_of(R"({"pool":"x"})").find("no \"kind\"") != std::string::npos);
  CHECK(fault_of(R"({"kind":"chnge"})").find("unknown kind \"chnge\"") != std::string::npos);
  CHECK(fault_of(R"({"kind":"decision","pool":"x","request":-1,"time_ns":0,"prompt_tokens":1})")
            .find("\"request\" is -1, not a whole number from 0") != std::string::npos);
  CHECK(fault_of(R"({"kind":"decision","pool":"x","request":1,"time_ns":0.5,"prompt_tokens":1})")
            .find("\"time_ns\" is 0.5") != std::string::npos);
  CHECK(
      fault_of(
          R"({"kind":"begin","pool":"x","policy":"random","settings":"","seed":1,"instance":"i","replicas":[]})")
          .find("not a list of names") != std::string::npos);
}
