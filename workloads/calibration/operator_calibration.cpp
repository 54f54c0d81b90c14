#include "workloads/calibration/operator_calibration.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "workloads/step_time/datasheet_laws.hpp"

namespace plimsoll {
namespace {

/// Whole steps tell little: of vLLM 0.15's on H100 (inference-sim's samples of a 34B model, TP2),
/// mixed ones took 0.33 ms longer than pure ones of as many sequences and tokens, and a KV token
/// cost 1.13 times as much (standard error 0.04); without that constant it would be 1.35 times.
constexpr const char* kMixedUnmeasured =
    "; no mixed batch was measured: a KV token is taken to cost as much, where whole steps of vLLM "
    "0.15 on H100 bound "
    "it to 1.0 to 1.35 times";

/// Takes the fitted laws where there are any.
template <class Laws>
void replace(Laws& laws, Laws fitted) {
  if (!fitted.empty()) laws = std::move(fitted);
}
template <class Law>
void replace(std::map<std::string, Law>& laws, std::map<std::string, Law> fitted) {
  for (auto& [name, law] : fitted) laws[name] = std::move(law);
}

const PrefillAttentionLaw* same_kind(const std::vector<PrefillAttentionLaw>& laws,
                                     const AttentionKind& kind) {
  const auto found = std::find_if(laws.begin(), laws.end(),
                                  [&](const PrefillAttentionLaw& law) { return law.kind == kind; });
  return found == laws.end() ? nullptr : &*found;
}

void live_batches(const Measurements& from, const ModelLookup& models, const DeviceRates& rates,
                  OperatorLaws& laws) {
  for (DecodeAttentionLaw& law : laws.decode_attention) {
    const PrefillAttentionLaw* prefill = same_kind(laws.prefill_attention, law.kind);
    if (!prefill) continue;
    fit_live_batches(from, models, rates, *prefill, law);
    if (from.batches.empty()) law.quality.source += kMixedUnmeasured;
  }
}

bool anything(const Calibration& calibration) {
  return std::any_of(calibration.laws.decode_attention.begin(),
                     calibration.laws.decode_attention.end(),
                     [](const auto& law) { return law.quality.rows > 0; }) ||
         std::any_of(calibration.laws.gemm.begin(), calibration.laws.gemm.end(),
                     [](const auto& entry) { return entry.second.quality.rows > 0; }) ||
         std::any_of(calibration.laws.prefill_attention.begin(),
                     calibration.laws.prefill_attention.end(),
                     [](const auto& law) { return law.quality.rows > 0; }) ||
         std::any_of(calibration.laws.mixture.begin(), calibration.laws.mixture.end(),
                     [](const auto& entry) { return entry.second.quality.rows > 0; }) ||
         !calibration.laws.collectives.empty() || !calibration.laws.layer_curves.empty() ||
         !calibration.power.empty();
}

}  // namespace

Calibration calibrate_operators(Measurements measurements, const GpuSpec& gpu,
                                const ModelLookup& models, const LatentAttentionSpec& latent) {
  const DeviceRates rates = device_rates(gpu);
  Calibration calibration = datasheet_calibration(gpu);
  calibration.level = kOperatorLevel;
  OperatorLaws& laws = calibration.laws;
  add_attention_rows(measurements, models);
  add_mixture_rows(measurements, models);
  replace(laws.gemm, fit_gemm(measurements, rates));
  replace(laws.decode_attention, fit_decode_attention(measurements, rates));
  replace(laws.prefill_attention, fit_prefill_attention(measurements, rates));
  replace(laws.latent_attention, fit_latent_attention(measurements, rates, latent));
  replace(laws.mixture, fit_mixture(measurements, rates));
  replace(laws.collectives, fit_collectives(measurements));
  replace(laws.layer_curves, layer_curves(measurements, models));
  live_batches(measurements, models, rates, laws);
  calibration.power = fit_power(measurements, models);
  if (!anything(calibration))
    throw ConfigError(Position{},
                      "the measurements have too few rows of this GPU for any law; see "
                      "--system for how they name it.");
  return calibration;
}

}  // namespace plimsoll
