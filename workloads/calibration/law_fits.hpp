// Fits of the laws of step_time/operator_laws.hpp to measured operators. Each says what it rests on
// and how far it is off on configurations held out of it. Fewer rows than kLeastRows of a kind: no
// law of it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workloads/calibration/measurements.hpp"
#include "workloads/model_spec.hpp"
#include "workloads/step_time/calibration.hpp"
#include "workloads/step_time/device_rates.hpp"

namespace plimsoll {

/// Rows that a fit takes at least.
inline constexpr std::size_t kLeastRows = 6;

/// Per precision. Rows whose time is the host's (a kernel that takes as long for next to no work,
/// far above what a launch costs) say nothing about the GPU and are left out; what they would have
/// covered then follows fp8's law.
std::map<std::string, GemmLaw> fit_gemm(const Measurements& from, const DeviceRates& rates);

/// Per kind; windows above 1,024 tokens are left to full attention. In decode, rows with 4 to 16
/// query heads per KV head weigh 1 and are what errors are stated of; others weigh 0.1.
std::vector<DecodeAttentionLaw> fit_decode_attention(const Measurements& from,
                                                     const DeviceRates& rates);
std::vector<PrefillAttentionLaw> fit_prefill_attention(const Measurements& from,
                                                       const DeviceRates& rates);

/// Per format of the KV cache. `widths`: of the model that was measured.
std::vector<LatentAttentionLaw> fit_latent_attention(const Measurements& from,
                                                     const DeviceRates& rates,
                                                     const LatentAttentionSpec& widths);

/// Per precision. A quantized format whose kernels took a quarter longer than bf16's of the same
/// shapes gets the law of another one with weights as wide, where there is one.
std::map<std::string, MixtureLaw> fit_mixture(const Measurements& from, const DeviceRates& rates);

/// Per operation and number of GPUs: the fastest implementation of each size, in its newest
/// version.
std::vector<CollectiveLaw> fit_collectives(const Measurements& from);

/// A model of the catalogue for a profile's own name; none where the catalogue does not know it.
using ModelLookup = std::function<std::optional<ModelSpec>(const std::string& profiled)>;

/// The curves as they were measured. A profile of an unknown model throws ConfigError: a curve is
/// good for that model alone.
std::vector<LayerCurve> layer_curves(const Measurements& from, const ModelLookup& models);

/// Turns batches that only decode, or only prefill one prompt, into rows of the attention laws;
/// throws likewise.
void add_attention_rows(Measurements& measurements, const ModelLookup& models);

/// Turns profiled experts of a layer into rows of the mixture law, as if the GPU held those alone
/// that were activated; throws likewise.
void add_mixture_rows(Measurements& measurements, const ModelLookup& models);

/// Sets what `law` says of live batches (spread, mixed_read and the times per further sequence)
/// from the batches that its kernel was profiled with; leaves it where there are fewer than
/// kLeastRows.
void fit_live_batches(const Measurements& from, const ModelLookup& models, const DeviceRates& rates,
                      const PrefillAttentionLaw& prefill, DecodeAttentionLaw& law);

/// Per model, precision and number of GPUs with at least four batch sizes; errors are of sizes held
/// out one by one. Models that the catalogue does not know keep the last part of their own name, in
/// lower case.
std::vector<PowerCoefficients> fit_power(const Measurements& from, const ModelLookup& models);

/// "origin: file (backend, kernels)" of all sets, each once. `sets` are indices.
std::string source_text(const Measurements& from, const std::vector<std::int32_t>& sets);

}  // namespace plimsoll
