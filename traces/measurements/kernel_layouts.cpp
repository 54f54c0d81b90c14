// Tables of single kernels as aiconfigurator publishes them: latency in ms, the folder's system, backend and version
// first. A later column of the same name is the file's own and may differ: the first one counts.
#include <cstdlib>
#include <map>
#include <string>

#include "traces/measurements/kernel_table.hpp"

namespace plimsoll {
namespace {

/// Formats that laws are for, by the tables' names.
const Precision* precision_of(std::string_view name) {
  static const std::map<std::string_view, Precision> kNames{
      {"bfloat16", Precision::bf16}, {"float16", Precision::bf16},
      {"fp8", Precision::fp8},       {"fp8_block", Precision::fp8_block},
      {"nvfp4", Precision::nvfp4},   {"w4a16_mxfp4", Precision::mxfp4},
      {"int4_wo", Precision::int4}};
  const auto found = kNames.find(name);
  return found == kNames.end() ? nullptr : &found->second;
}

const char* kv_of(std::string_view name) {
  if (name == "bfloat16" || name == "float16") return "bf16";
  return name == "fp8" ? "fp8" : nullptr;
}

void read_gemm(const LayoutReading& reading) {
  KernelTable kernels(reading);
  MeasurementTable& table = reading.table;
  const auto c = table.columns({"gemm_dtype", "m", "n", "k"});
  table.each_row([&] {
    if (!kernels.wanted()) return;
    const Precision* precision = precision_of(table.text(c[0]));
    if (!precision) return kernels.leave();
    const auto size = [&](std::size_t i) { return static_cast<std::int64_t>(table.whole(c[i])); };
    reading.into.gemm.push_back(
        {*precision, {size(1), size(2), size(3)}, kernels.us(), kernels.set()});
    kernels.take();
  });
}

/// In decode tables a prompt of `isl` tokens has got `step` more; in prefill tables there are none.
void read_attention(const LayoutReading& reading) {
  KernelTable kernels(reading);
  MeasurementTable& table = reading.table;
  const auto c = table.columns({"op_name", "kv_cache_dtype", "head_dim", "batch_size", "isl",
                                "step", "num_heads", "num_key_value_heads", "attn_dtype"});
  const bool windows = table.has("window_size");
  const std::size_t window = windows ? table.column("window_size") : 0;
  table.each_row([&] {
    if (!kernels.wanted()) return;
    const bool decode = table.text(c[0]) == "generation_attention";
    const double step = table.whole(c[5], 0);
    const char* kv = kv_of(table.text(c[1]));
    const bool known = decode || (table.text(c[0]) == "context_attention" && step == 0);
    if (!known || !kv || !kv_of(table.text(c[8]))) return kernels.leave();
    AttentionRow row;
    row.kind = {kv, static_cast<std::int32_t>(table.whole(c[2])),
                windows ? static_cast<std::int32_t>(table.whole(window, 0)) : 0};
    row.sequences = table.whole(c[3]);
    row.tokens = table.whole(c[4]) + step;
    row.heads = table.whole(c[6]);
    row.kv_heads = table.whole(c[7]);
    row.us = kernels.us();
    row.set = kernels.set();
    (decode ? reading.into.decode : reading.into.prefill).push_back(std::move(row));
    kernels.take();
  });
}

/// Heads are those of one rank.
void read_latent(const LayoutReading& reading) {
  KernelTable kernels(reading);
  MeasurementTable& table = reading.table;
  const auto c =
      table.columns({"op_name", "kv_cache_dtype", "batch_size", "isl", "step", "num_heads"});
  table.each_row([&] {
    if (!kernels.wanted()) return;
    const std::string_view operation = table.text(c[0]);
    const bool decode = operation == "mla_generation" || operation == "generation_mla";
    const bool prefill = operation == "mla_context" || operation == "context_mla";
    const double step = table.whole(c[4], 0);
    const char* kv = kv_of(table.text(c[1]));
    if (!kv || !(decode || (prefill && step == 0))) return kernels.leave();
    (decode ? reading.into.latent_decode : reading.into.latent_prefill)
        .push_back({kv, table.whole(c[2]), table.whole(c[3]) + step, table.whole(c[5]),
                    kernels.us(), kernels.set()});
    kernels.take();
  });
}

/// The exponent of "power_law_1.2"; 0 for "balanced"; negative for others.
double skew_of(std::string_view distribution) {
  constexpr std::string_view kPowerLaw = "power_law_";
  if (distribution == "balanced") return 0;
  if (!distribution.starts_with(kPowerLaw)) return -1;
  const std::string exponent(distribution.substr(kPowerLaw.size()));
  char* end = nullptr;
  const double value = std::strtod(exponent.c_str(), &end);
  return *end == '\0' && value > 0 ? value : -1;
}

/// Four-bit weights of gpt-oss run in kernels made for them; the table's other ones unpack the weights of models that
/// were quantized for other GPUs.
bool of_another_gpu(std::string_view dtype, std::string_view kernel) {
  return dtype == "w4a16_mxfp4" && kernel.find("gptoss") == std::string_view::npos;
}

void read_mixture(const LayoutReading& reading) {
  KernelTable kernels(reading);
  MeasurementTable& table = reading.table;
  const auto c =
      table.columns({"op_name", "moe_dtype", "num_tokens", "hidden_size", "inter_size", "topk",
                     "num_experts", "moe_tp_size", "moe_ep_size", "distribution", "kernel_source"});
  table.each_row([&] {
    if (!kernels.wanted()) return;
    const Precision* precision = precision_of(table.text(c[1]));
    const double skew = skew_of(table.text(c[9]));
    if (table.text(c[0]) != "moe" || !precision || skew < 0 ||
        of_another_gpu(table.text(c[1]), table.text(c[10])))
      return kernels.leave();
    MixtureShape shape;
    shape.tokens = table.whole(c[2]);
    shape.hidden = table.whole(c[3]);
    shape.width = table.whole(c[4]) / table.whole(c[7]);
    shape.experts_per_token = table.whole(c[5]);
    shape.experts = table.whole(c[6]);
    shape.local_experts = shape.experts / table.whole(c[8]);
    reading.into.mixture.push_back({*precision, shape, skew, kernels.us(), kernels.set()});
    kernels.take();
  });
}

}  // namespace

std::vector<Layout> kernel_layouts() {
  return {
      {"gemm table", {"gemm_dtype"}, {}, read_gemm},
      {"attention table", {"attn_dtype"}, {"model"}, read_attention},
      {"latent attention table", {"mla_dtype"}, {"model"}, read_latent},
      {"routed experts table", {"moe_dtype", "inter_size"}, {"num_slots", "phase"}, read_mixture}};
}

}  // namespace plimsoll
