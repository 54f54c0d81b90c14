#include "policies/recording.hpp"

#include <fmt/format.h>

#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace plimsoll {
namespace {

using Json = nlohmann::ordered_json;

/// One line of a recording being read: its fields, each of which must be there and of the right type.
class Line {
 public:
  Line(std::string_view text, const std::string& source, int line) : at_{source, line, 1} {
    json_ = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!json_.is_object()) fail("not a JSON object; a recording holds one per line");
  }

  [[noreturn]] void fail(std::string message) const { throw ConfigError(at_, std::move(message)); }

  std::string text(const char* key) const {
    const Json& value = field(key);
    if (!value.is_string()) fail(fmt::format("\"{}\" is {}, not a string", key, value.dump()));
    return value.get<std::string>();
  }

  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> all;
    const Json& value = field(key);
    if (!value.is_array() || value.empty()) fail(fmt::format("\"{}\" is not a list of names", key));
    for (const Json& item : value) {
      if (!item.is_string()) fail(fmt::format("\"{}\" holds {}, not a string", key, item.dump()));
      all.push_back(item.get<std::string>());
    }
    return all;
  }

  template <class Whole>
  Whole whole(const char* key) const {
    const Json& value = field(key);
    const bool fits =
        value.is_number_unsigned() &&
        value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<Whole>::max());
    if (!fits) {
      fail(fmt::format("\"{}\" is {}, not a whole number from 0 to {}", key, value.dump(),
                       std::numeric_limits<Whole>::max()));
    }
    return value.get<Whole>();
  }

 private:
  const Json& field(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) fail(fmt::format("no \"{}\" in this line", key));
    return *found;
  }

  Position at_;
  Json json_;
};

ReplicaRow read_row(const Line& line) {
  ReplicaRow row;
  row.observed_at = at_ns(line.whole<std::int64_t>("observed_at_ns"));
  row.running = line.whole<std::uint32_t>("running");
  row.waiting = line.whole<std::uint32_t>("waiting");
  row.kv_used_blocks = line.whole<std::uint32_t>("kv_used_blocks");
  row.dispatched_since_scrape = line.whole<std::uint32_t>("dispatched_since_scrape");
  row.in_flight = line.whole<std::uint32_t>("in_flight");
  return row;
}

std::string quoted(std::string_view text) { return Json(std::string(text)).dump(); }

}  // namespace

void write_begin(std::string& text, const RecordingBegin& begin) {
  Json line{{"kind", "begin"},           {"pool", begin.pool},
            {"policy", begin.policy},    {"settings", begin.settings},
            {"seed", begin.seed},        {"instance", begin.instance},
            {"replicas", begin.replicas}};
  text += line.dump();
  text += '\n';
}

void write_change(std::string& text, std::string_view pool, SimTime time, std::string_view replica,
                  const ReplicaRow& row) {
  fmt::format_to(std::back_inserter(text),
                 R"({{"kind":"change","pool":{},"time_ns":{},"replica":{},"observed_at_ns":{},)"
                 R"("running":{},"waiting":{},"kv_used_blocks":{},"dispatched_since_scrape":{},)"
                 R"("in_flight":{}}})"
                 "\n",
                 quoted(pool), to_ns(time), quoted(replica), to_ns(row.observed_at), row.running,
                 row.waiting, row.kv_used_blocks, row.dispatched_since_scrape, row.in_flight);
}

void write_decision(std::string& text, std::string_view pool, const RequestView& request,
                    std::string_view replica) {
  fmt::format_to(std::back_inserter(text),
                 R"({{"kind":"decision","pool":{},"time_ns":{},"request":{},"prompt_tokens":{},)"
                 R"("replica":{}}})"
                 "\n",
                 quoted(pool), to_ns(request.arrived_at), request.id, request.prompt_tokens,
                 quoted(replica));
}

void read_recording_line(std::string_view text, const std::string& source, int line_number,
                         RecordingVisitor& visitor) {
  const Line line(text, source, line_number);
  const std::string kind = line.text("kind");
  if (kind == "begin") {
    visitor.begin({line.text("pool"), line.text("policy"), line.text("settings"),
                   line.whole<std::uint64_t>("seed"), line.text("instance"),
                   line.texts("replicas")});
  } else if (kind == "change") {
    visitor.change(line.text("pool"), line.text("replica"), read_row(line));
  } else if (kind == "decision") {
    visitor.decision(line.text("pool"), {line.whole<std::uint64_t>("request"),
                                         at_ns(line.whole<std::int64_t>("time_ns")),
                                         line.whole<std::int32_t>("prompt_tokens")});
  } else {
    line.fail(fmt::format("unknown kind \"{}\". Known: begin, change, decision.", kind));
  }
}

}  // namespace plimsoll
