// The traces of the Mooncake paper: one JSON object per line with the time in ms since the start, the lengths of prompt
// and answer in tokens, and an id for each block of 512 prompt tokens, which stands for the block and all before it:
//
//   {"timestamp": 0, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1, 2, ...]}
//
// The last block of a prompt may be shorter than 512 tokens; it is of no use to others and left out.
#include <fmt/format.h>
#include <simdjson.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "traces/text_lines.hpp"
#include "traces/trace_formats.hpp"

namespace plimsoll {
namespace {

constexpr std::int32_t kBlockTokens = 512;
constexpr std::int64_t kMostTokens = 1'000'000'000;
constexpr std::int64_t kMostMilliseconds = 1'000'000'000'000;  // 31 years
constexpr std::int64_t kMostIds = std::numeric_limits<std::uint32_t>::max() - std::int64_t{1};
constexpr std::size_t kMostFaults = 10;

class MooncakeReader final : public TraceReader {
 public:
  explicit MooncakeReader(const std::string& path) : lines_(path) {
    blocks_.block_tokens = kBlockTokens;
  }

  void next(std::vector<Arrival>& block) override {
    block.clear();
    std::vector<Fault> faults;
    std::string_view line;
    while (block.size() < kArrivalBlock && faults.size() < kMostFaults && lines_.next(line)) {
      try {
        block.push_back(parse(line));
      } catch (const ConfigError& error) {
        faults.push_back(error.faults().front());
      }
    }
    if (!faults.empty()) throw ConfigError(std::move(faults));
    any_line_ = any_line_ || !block.empty();
    if (!any_line_) {
      throw ConfigError({lines_.path()}, "is empty; a trace needs at least one request.");
    }
  }

  std::shared_ptr<const PrefixBlocks> take_prefixes() override {
    return std::make_shared<const PrefixBlocks>(std::move(blocks_));
  }

 private:
  Arrival parse(std::string_view line) {
    simdjson::dom::object object;
    if (const auto error = parser_.parse(line.data(), line.size()).get(object)) {
      refuse(fmt::format("is no JSON object: {}.", simdjson::error_message(error)));
    }
    Arrival arrival;
    arrival.at = at_ns(number(object, "timestamp", 0, kMostMilliseconds) * 1'000'000);
    arrival.prompt_tokens =
        static_cast<std::int32_t>(number(object, "input_length", 1, kMostTokens));
    arrival.output_tokens =
        static_cast<std::int32_t>(number(object, "output_length", 1, kMostTokens));
    arrival.prefix = prefix(object, arrival.prompt_tokens);
    if (arrival.at < last_) {
      refuse(fmt::format("timestamp is {} ms before the line above; sort the lines by time.",
                         to_ns(last_ - arrival.at) / 1'000'000));
    }
    last_ = arrival.at;
    return arrival;
  }

  std::int64_t number(const simdjson::dom::object& object, std::string_view key, std::int64_t least,
                      std::int64_t most) const {
    return whole(element(object, key), key, least, most);
  }

  simdjson::dom::element element(const simdjson::dom::object& object, std::string_view key) const {
    simdjson::dom::element value;
    if (object.at_key(key).get(value)) {
      refuse(fmt::format(
          "\"{}\" is missing; a line has timestamp, input_length, output_length, hash_ids.", key));
    }
    return value;
  }

  std::int64_t whole(const simdjson::dom::element& value, std::string_view what, std::int64_t least,
                     std::int64_t most) const {
    std::int64_t result = 0;
    if (value.get(result) || result < least || result > most) {
      refuse(fmt::format("{} = {} is not a whole number from {} to {}.", what,
                         simdjson::minify(value), least, most));
    }
    return result;
  }

  PrefixSpan prefix(const simdjson::dom::object& object, std::int32_t prompt_tokens) {
    simdjson::dom::array ids;
    if (element(object, "hash_ids").get(ids)) refuse("hash_ids is no list of whole numbers.");
    const auto wanted = (static_cast<std::size_t>(prompt_tokens) - 1) / kBlockTokens + 1;
    if (ids.size() != wanted) {
      refuse(fmt::format("hash_ids has {} ids; a prompt of {} tokens has {} blocks of {}.",
                         ids.size(), prompt_tokens, wanted, kBlockTokens));
    }
    const std::size_t first = blocks_.ids.size();
    std::size_t whole_blocks = static_cast<std::size_t>(prompt_tokens / kBlockTokens);
    for (const simdjson::dom::element id : ids) {
      const std::int64_t value = whole(id, "an id of hash_ids", 0, kMostIds);
      if (blocks_.ids.size() < first + whole_blocks) {
        blocks_.ids.push_back(static_cast<std::uint32_t>(value));
      }
    }
    if (blocks_.ids.size() > kMostIds) refuse("is one id too many: 2^32 - 2 can be kept.");
    return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(whole_blocks)};
  }

  [[noreturn]] void refuse(std::string message) const {
    throw ConfigError(lines_.at(1), std::move(message));
  }

  TextLines lines_;
  simdjson::dom::parser parser_;
  PrefixBlocks blocks_;
  SimTime last_{};
  bool any_line_ = false;
};

}  // namespace
}  // namespace plimsoll

PLIMSOLL_TRACE_FORMAT(
    mooncake, plimsoll::MooncakeReader,
    "Mooncake trace: a JSON object per line with timestamp in ms, input_length, output_length and "
    "hash_ids, one for each block of 512 prompt tokens.",
    "Mooncake traces, Moonshot AI, https://github.com/kvcache-ai/Mooncake (FAST25-release). To "
    "cite: Qin et al., Mooncake: Trading more storage for less computation, a KVCache-centric "
    "architecture for serving LLM chatbot, FAST 2025.")
