#include "planner/validation/ratio_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <tuple>
#include <utility>

#include "core/random_stream.hpp"
#include "planner/validation/data_table.hpp"

namespace plimsoll {
namespace {

constexpr std::int64_t kLongestPause = 600;  // seconds between runs on the same servers
constexpr std::int32_t kSharedBlockTokens = 64;
constexpr double kMostPromptTokens = 1e9;  // of a run: what its prompts share is kept in memory

/// "20250915-055723", the run's end.
std::int64_t seconds_of(const DataTable& table, std::size_t row) {
  const std::string& text = table.text(row, "date");
  const bool digits = std::all_of(text.begin(), text.end(),
                                  [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
  if (text.size() != 15 || text[8] != '-' || !digits || text.rfind('-') != 8)
    table.refuse(row, "date", "is not a time as in 20250915-055723.");
  const auto part = [&](std::size_t first, std::size_t count) {
    return std::stoi(text.substr(first, count));
  };
  const std::chrono::year_month_day day{std::chrono::year(part(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(part(4, 2))),
                                        std::chrono::day(static_cast<unsigned>(part(6, 2)))};
  if (!day.ok()) table.refuse(row, "date", "is not a day of the calendar.");
  const std::int64_t days = std::chrono::sys_days(day).time_since_epoch().count();
  return ((days * 24 + part(9, 2)) * 60 + part(11, 2)) * 60 + part(13, 2);
}

RatioRow read_row(const DataTable& table, std::size_t i) {
  RatioRow row;
  row.id = table.place(i);
  row.prefill_workers = table.count(i, "prefill");
  row.decode_workers = table.count(i, "decode");
  row.clients = table.count(i, "conc");
  row.prompts = table.count(i, "num_prompts");
  row.nominal_prompt = table.count(i, "isl");
  row.answer_limit = table.count(i, "osl");
  if (1.0 * row.prompts * row.nominal_prompt > kMostPromptTokens)
    table.refuse(i, "num_prompts", "times isl is more than 1000000000 prompt tokens.");
  const double completed = table.count(i, "completed");
  row.complete = completed >= row.prompts;
  row.prompt_tokens = std::max(
      1, static_cast<std::int32_t>(table.positive(i, "total_input_tokens") / completed + 0.5));
  row.output_tokens = std::max(1.0, table.positive(i, "total_output_tokens") / completed);
  row.ttft_ms = table.positive(i, "mean_ttft_ms");
  row.tpot_ms = table.positive(i, "mean_tpot_ms");
  row.tokens_per_s = table.positive(i, "output_throughput");
  row.ended_s = seconds_of(table, i);
  row.began_s = row.ended_s - static_cast<std::int64_t>(table.positive(i, "duration"));
  return row;
}

}  // namespace

std::string RatioRow::deployment() const {
  return fmt::format("{}p{}d", prefill_workers, decode_workers);
}

std::string RatioRow::load() const {
  return fmt::format("{}/{} x{}", nominal_prompt, answer_limit, clients);
}

std::vector<RatioRow> read_ratio_rows(const std::filesystem::path& file) {
  const DataTable table(file, {"prefill", "decode", "conc", "isl", "osl", "date", "num_prompts",
                               "completed", "duration", "total_input_tokens", "total_output_tokens",
                               "output_throughput", "mean_ttft_ms", "mean_tpot_ms"});
  std::vector<RatioRow> rows;
  for (std::size_t i = 0; i < table.rows(); ++i) rows.push_back(read_row(table, i));
  std::stable_sort(rows.begin(), rows.end(), [](const RatioRow& a, const RatioRow& b) {
    return std::tuple(a.prefill_workers, a.decode_workers, a.ended_s) <
           std::tuple(b.prefill_workers, b.decode_workers, b.ended_s);
  });
  return rows;
}

std::vector<RatioSession> sessions_of(const std::vector<RatioRow>& rows) {
  std::vector<RatioSession> sessions;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool follows = i > 0 && rows[i].prefill_workers == rows[i - 1].prefill_workers &&
                         rows[i].decode_workers == rows[i - 1].decode_workers &&
                         rows[i].began_s - rows[i - 1].ended_s <= kLongestPause;
    if (!follows) sessions.emplace_back();
    sessions.back().push_back(i);
  }
  return sessions;
}

SharedPrompts shared_prompts(const std::vector<RatioRow>& rows) {
  std::int32_t prompts = 0;
  std::int32_t longest = 0;
  for (const RatioRow& row : rows) {
    prompts = std::max(prompts, row.prompts);
    longest = std::max(longest, row.nominal_prompt);
  }
  PrefixBlocks shared;
  shared.block_tokens = kSharedBlockTokens;
  const auto each = static_cast<std::uint32_t>(longest / kSharedBlockTokens + 1);
  shared.ids.resize(static_cast<std::size_t>(prompts) * each);
  std::iota(shared.ids.begin(), shared.ids.end(), 0u);
  return {std::make_shared<const PrefixBlocks>(std::move(shared)), each};
}

std::vector<TrialRequest> requests_of(const RatioRow& row, const SharedPrompts& shared) {
  const auto count = static_cast<std::uint32_t>(row.prompts);
  std::vector<std::uint32_t> rank(count);
  std::iota(rank.begin(), rank.end(), 0u);
  const RandomStream draws(0, "validation/pd_ratio", row.load());
  for (std::uint32_t i = count - 1; i > 0; --i)
    std::swap(rank[i], rank[below(i + 1, draws.bits(i))]);
  const double reach =
      std::max(0.0, std::min(row.output_tokens - 1, row.answer_limit - row.output_tokens));
  std::vector<TrialRequest> requests(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const double place = (2.0 * rank[i] + 1) / count - 1;  // within (-1, 1)
    requests[i].prompt_tokens = row.prompt_tokens;
    requests[i].output_tokens =
        std::max(1, static_cast<std::int32_t>(row.output_tokens + place * reach + 0.5));
    requests[i].prefix = {i * shared.blocks_per_prompt,
                          static_cast<std::uint32_t>(row.nominal_prompt / kSharedBlockTokens)};
  }
  return requests;
}

}  // namespace plimsoll
