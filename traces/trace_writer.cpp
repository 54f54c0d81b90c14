#include "traces/trace_writer.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <iterator>
#include <vector>

#include "traces/text_sink.hpp"

namespace plimsoll {
namespace {

void append_row(const Arrival& arrival, fmt::memory_buffer& text) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t ns = to_ns(arrival.at);
  fmt::format_to(std::back_inserter(text), FMT_COMPILE("{}.{:09},{},{}\n"), ns / kSecond,
                 ns % kSecond, arrival.prompt_tokens, arrival.output_tokens);
}

}  // namespace

void write_trace(ArrivalStream& arrivals, const std::string& path) {
  TextSink sink(path);
  sink.write("arrival_s,prompt_tokens,output_tokens\n");
  std::vector<Arrival> block;
  for (arrivals.next(block); !block.empty(); arrivals.next(block)) {
    fmt::memory_buffer text;
    for (const Arrival& arrival : block) append_row(arrival, text);
    sink.write({text.data(), text.size()});
  }
  sink.commit();
}

}  // namespace plimsoll
