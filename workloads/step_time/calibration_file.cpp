// How a calibration stands in a file of workloads/catalog/calibrations: read and written by its
// field lists.
#include <fmt/format.h>

#include <utility>
#include <vector>

#include "core/config/suggest.hpp"
#include "workloads/model_spec.hpp"
#include "workloads/step_time/calibration.hpp"
#include "workloads/step_time/grid_fields.hpp"

namespace plimsoll {
namespace {

using AxisNames = std::vector<std::string_view>;

/// Checks beyond the field list: grids have the axes that their law says, and names are known.
class LawChecks {
 public:
  LawChecks(const ConfigNode& root, std::vector<Fault>& faults) : root_(root), faults_(faults) {}

  void all(const Calibration& calibration);

 private:
  void laws(const OperatorLaws& laws);
  void fault(const std::string& path, const std::string& message) {
    faults_.push_back({position_of(root_, path), path + " " + message});
  }
  void axes(const FittedGrid& grid, const std::string& path, const AxisNames& names);
  /// A grid of times has to be there: a factor of 1 would be a microsecond.
  void time(const FittedGrid& grid, const std::string& path, const AxisNames& names) {
    if (grid.axes.empty()) return fault(path, "is a grid of times and has no knots.");
    axes(grid, path, names);
  }
  void name(const std::string& found, const std::string& path, std::string_view what,
            const std::vector<std::string>& known) {
    for (const std::string& one : known)
      if (one == found) return;
    faults_.push_back(
        {position_of(root_, path), fmt::format("{}: {}", path, unknown_name(what, found, known))});
  }
  void precision(const std::string& found, const std::string& path) {
    name(found, path, "precision", {"bf16", "fp8", "fp8_block", "nvfp4", "mxfp4", "int4"});
  }
  void kv(const std::string& found, const std::string& path) {
    name(found, path, "KV cache format", {"bf16", "fp8"});
  }

  const ConfigNode& root_;
  std::vector<Fault>& faults_;
};

void LawChecks::axes(const FittedGrid& grid, const std::string& path, const AxisNames& names) {
  if (grid.axes.empty()) return;
  AxisNames found;
  for (const GridAxis& axis : grid.axes) found.emplace_back(axis.name);
  if (found != names)
    fault(path, fmt::format("has the axes {}; it takes {}, in this order.", fmt::join(found, ", "),
                            fmt::join(names, ", ")));
}

void LawChecks::laws(const OperatorLaws& laws) {
  const auto each = [](const auto& list, const std::string& path, const auto& check) {
    for (std::size_t i = 0; i < list.size(); ++i) check(list[i], fmt::format("{}[{}]", path, i));
  };
  for (const auto& [key, law] : laws.gemm) {
    precision(key, "laws.gemm." + key);
    axes(law.grid, "laws.gemm." + key + ".grid", {"m", "n", "k"});
  }
  for (const auto& [key, law] : laws.mixture) {
    precision(key, "laws.mixture." + key);
    axes(law.grid, "laws.mixture." + key + ".grid", {"rows", "width", "experts"});
    axes(law.skew, "laws.mixture." + key + ".skew", {"rows", "experts"});
  }
  each(laws.decode_attention, "laws.decode_attention",
       [&](const DecodeAttentionLaw& law, const std::string& at) {
         kv(law.kind.kv, at + ".kind.kv");
         time(law.base_us, at + ".base_us", {"sequences", "heads"});
         axes(law.read, at + ".read", {"sequences", "kv_heads"});
         axes(law.spread, at + ".spread", {"tiles"});
         axes(law.mixed_read, at + ".mixed_read", {"sequences", "group"});
       });
  each(laws.prefill_attention, "laws.prefill_attention",
       [&](const PrefillAttentionLaw& law, const std::string& at) {
         kv(law.kind.kv, at + ".kind.kv");
         axes(law.slowdown, at + ".slowdown", {"tokens", "heads"});
       });
  each(laws.latent_attention, "laws.latent_attention",
       [&](const LatentAttentionLaw& law, const std::string& at) {
         kv(law.kv, at + ".kv");
         time(law.decode_base_us, at + ".decode_base_us", {"sequences", "heads"});
         axes(law.decode_read, at + ".decode_read", {"sequences", "heads"});
         axes(law.prefill_slowdown, at + ".prefill_slowdown", {"tokens", "heads"});
       });
  each(laws.collectives, "laws.collectives", [&](const CollectiveLaw& law, const std::string& at) {
    name(law.operation, at + ".operation", "collective",
         {"all_reduce", "all_gather", "reduce_scatter", "all_to_all", "send_recv"});
    time(law.time_us, at + ".time_us", {"bytes"});
  });
  each(laws.layer_curves, "laws.layer_curves", [&](const LayerCurve& law, const std::string& at) {
    precision(law.dtype, at + ".dtype");
    time(law.layer_us, at + ".layer_us", {"tokens"});
    axes(law.experts_us, at + ".experts_us", {"tokens"});
    axes(law.head_us, at + ".head_us", {"sequences"});
  });
}

void LawChecks::all(const Calibration& calibration) {
  name(calibration.level, "level", "level",
       {std::string(kDatasheetLevel), std::string(kOperatorLevel)});
  for (std::size_t i = 0; i < calibration.errors.size(); ++i)
    name(calibration.errors[i].level, fmt::format("errors[{}].level", i), "level",
         {std::string(kDatasheetLevel), std::string(kOperatorLevel), std::string(kAnchoredLevel),
          std::string(kTelemetryLevel)});
  for (std::size_t i = 0; i < calibration.power.size(); ++i)
    precision(calibration.power[i].dtype, fmt::format("power[{}].dtype", i));
  laws(calibration.laws);
  if (!calibration.laws.gemm.contains("bf16"))
    fault("laws.gemm", "has no bf16: output heads and routers are in it.");
  if (calibration.laws.decode_attention.empty()) fault("laws.decode_attention", "is empty.");
  if (calibration.laws.prefill_attention.empty()) fault("laws.prefill_attention", "is empty.");
}

}  // namespace

const StatedError* Calibration::error_of(std::string_view at_level, std::string_view engine) const {
  const StatedError* any = nullptr;
  for (const StatedError& error : errors) {
    if (error.level != at_level) continue;
    if (error.engine == engine) return &error;
    if (error.engine == "any") any = &error;
  }
  return any;
}

Calibration read_calibration(const CatalogEntry& entry) {
  std::vector<Fault> faults;
  auto calibration = read_config<Calibration>(entry.root, faults);
  calibration.name = entry.name;
  if (faults.empty()) LawChecks(entry.root, faults).all(calibration);
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return calibration;
}

ConfigNode write_calibration(const Calibration& calibration) { return write_config(calibration); }

}  // namespace plimsoll
