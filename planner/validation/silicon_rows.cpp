#include "planner/validation/silicon_rows.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <optional>

#include "planner/validation/data_table.hpp"

namespace plimsoll {
namespace {

DataTable open_table(const std::filesystem::path& folder) {
  const std::filesystem::path packed = folder / "silicon_sample.csv.zst";
  const bool is_packed = std::filesystem::exists(packed);
  return {
      is_packed ? packed : folder / "silicon_sample.csv",
      {"id", "silicon_data_source", "backend", "backend_version", "model_path", "system", "mode",
       "isl", "osl", "gemm_quant_mode", "moe_quant_mode", "tp_size", "pp_size", "attention_dp_size",
       "moe_tp_size", "moe_ep_size", "silicon_ttft_ms", "silicon_tpot_ms"}};
}

/// The number behind `key=` in "a; key=12; b".
std::optional<std::int32_t> number_after(const std::string& text, const std::string& key) {
  const std::size_t at = text.find(key + "=");
  if (at == std::string::npos) return std::nullopt;
  const long value = std::strtol(text.c_str() + at + key.size() + 1, nullptr, 10);
  if (value < 1 || value > 1'000'000) return std::nullopt;
  return static_cast<std::int32_t>(value);
}

bool from_inferencex(const std::string& source) {
  return source.starts_with("db-dump") || source.starts_with("source_file=20");
}

/// The degrees as the engine was started. One source states width and experts of the same s GPUs as s x s: tensor (or
/// attention_dp) = s * s with moe_tp = moe_ep = s, or tensor = attention_dp = s with moe_ep = s * s. Where
/// attention_dp is blank, it is what the experts' degrees leave.
std::optional<Parallelism> cut_of(const DataTable& table, std::size_t row) {
  Parallelism cut{.tensor = table.count(row, "tp_size"), .pipeline = table.count(row, "pp_size")};
  const std::int32_t expert_tensor = table.count(row, "moe_tp_size");
  const std::int32_t expert = table.count(row, "moe_ep_size");
  const bool states_data = !table.blank(row, "attention_dp_size");
  const std::int32_t wide = expert_tensor * expert;
  cut.data = states_data ? table.count(row, "attention_dp_size")
                         : (wide > cut.tensor && wide % cut.tensor == 0 ? wide / cut.tensor : 1);
  cut.expert = expert;
  const bool squared = states_data && expert_tensor == expert && expert > 1;
  if (squared && cut.data > 1) return Parallelism{1, cut.pipeline, expert, expert};
  if (squared) return Parallelism{expert, cut.pipeline, expert, 1};
  if (cut.data > 1 && cut.data == cut.tensor && expert == cut.data * cut.data)
    return Parallelism{1, cut.pipeline, cut.data, cut.data};
  const bool one_expert_group = wide == 1;  // a dense model: its experts' degrees say nothing
  if (!one_expert_group && cut.tensor * cut.data != wide) return std::nullopt;
  return cut;
}

/// False, with the reason counted, for a row that says too little.
bool read_row(const DataTable& table, std::size_t row, SiliconData& data, SiliconRow& out) {
  const std::string& source = table.text(row, "silicon_data_source");
  const std::string& mode = table.text(row, "mode");
  if (mode != "agg" && mode != "disagg") table.refuse(row, "mode", "is neither agg nor disagg.");
  const auto clients = number_after(source, "silicon_concurrency");
  if (mode == "disagg") return ++data.disaggregated, false;
  if (source.find("wip=True") != std::string::npos) return ++data.unfinished, false;
  if (!clients) return ++data.without_load, false;
  const auto cut = cut_of(table, row);
  if (!cut) return ++data.unclear_cut, false;
  out.id = table.text(row, "id");
  out.system = table.text(row, "system");
  out.engine = table.text(row, "backend");
  out.version = table.text(row, "backend_version");
  out.model = table.text(row, "model_path");
  out.gemm = table.text(row, "gemm_quant_mode");
  out.experts = table.text(row, "moe_quant_mode");
  out.parallelism = *cut;
  out.prompt_tokens = table.count(row, "isl");
  out.output_tokens = table.count(row, "osl");
  out.concurrency = *clients;
  out.spread_lengths = from_inferencex(source);
  out.ttft_ms = table.positive(row, "silicon_ttft_ms");
  out.tpot_ms = table.positive(row, "silicon_tpot_ms");
  return true;
}

bool same_run(const SiliconRow& a, const SiliconRow& b) {
  const auto close = [](double x, double y) { return std::abs(x / y - 1) < 1e-3; };
  return close(a.ttft_ms, b.ttft_ms) && close(a.tpot_ms, b.tpot_ms);
}

}  // namespace

std::string SiliconRow::deployment() const {
  return fmt::format("{} {} {} {} {}/{} tp{} pp{} ep{} dp{}", system, engine,
                     version.empty() ? "-" : version, model, gemm, experts, parallelism.tensor,
                     parallelism.pipeline, parallelism.expert, parallelism.data);
}

SiliconData read_silicon(const std::filesystem::path& folder) {
  const DataTable table = open_table(folder);
  SiliconData data;
  std::map<std::string, std::vector<SiliconRow>> runs;  // by system and load
  for (std::size_t row = 0; row < table.rows(); ++row) {
    ++data.in_file;
    SiliconRow read;
    if (!read_row(table, row, data, read)) continue;
    auto& like = runs[fmt::format("{} {} {} {} {} {}", read.system, read.engine, read.model,
                                  read.prompt_tokens, read.output_tokens, read.concurrency)];
    bool known = false;
    for (const SiliconRow& other : like) known = known || same_run(read, other);
    if (known) {
      ++data.repeated;
      continue;
    }
    like.push_back(read);
    data.rows.push_back(read);
  }
  return data;
}

}  // namespace plimsoll
