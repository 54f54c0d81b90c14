#include "workloads/step_time/extrapolation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "workloads/step_time/law_choice.hpp"
#include "workloads/step_time/layer_matrices.hpp"

namespace plimsoll {
namespace {

const GridAxis* axis_of(const FittedGrid& grid, std::string_view name) {
  for (const GridAxis& axis : grid.axes)
    if (axis.name == name && axis.knots.size() > 1) return &axis;
  return nullptr;
}

/// The most tokens of a step whose messages of `bytes_per_token` were measured.
double tokens_of(const CollectiveLaw& law, double bytes_per_token) {
  const GridAxis* bytes = axis_of(law.time_us, "bytes");
  return bytes == nullptr ? std::numeric_limits<double>::infinity()
                          : std::floor(bytes->knots.back() / bytes_per_token);
}

class Scope {
 public:
  Scope(const ReplicaRecipe& recipe, const OperatorLaws& measured, const StepShape& shape,
        std::string_view gpu)
      : recipe_(recipe), measured_(measured), shape_(shape), gpu_(gpu) {}

  MeasuredScope all() {
    matrices();
    if (recipe_.model.latent_attention) {
      latent_attention();
    } else {
      const auto& window = recipe_.model.window;
      const std::int32_t windowed = window ? window->layers : 0;
      if (recipe_.model.attention_layers() > windowed) attention(0);
      if (windowed > 0) attention(window->tokens);
    }
    experts();
    collectives();
    unmeasured_terms();
    anchor();
    return std::move(scope_);
  }

 private:
  void add(const std::string& sentence) {
    scope_.sentences.push_back("extrapolating: " + sentence);
  }
  void ends(LoadQuantity quantity, double most, const std::string& subject) {
    scope_.ranges.push_back({quantity, fmt::format("{}, {}", subject, gpu_), 0, most});
  }
  /// What runs meet ends where the grid's axis does.
  void ends(LoadQuantity quantity, const FittedGrid& grid, std::string_view axis,
            const std::string& subject) {
    if (const GridAxis* knots = axis_of(grid, axis)) ends(quantity, knots->knots.back(), subject);
  }
  /// Whether a size that the deployment fixes is within the grid; else says so, once per subject.
  void fixed(const FittedGrid& grid, std::string_view axis, double size,
             const std::string& subject) {
    const GridAxis* knots = axis_of(grid, axis);
    if (knots == nullptr || size <= knots->knots.back()) return;
    if (!said_.insert(subject).second) return;
    add(fmt::format("{} of {:g} beyond {:g} measured on {}.", subject, size, knots->knots.back(),
                    gpu_));
  }

  void matrices() {
    if (const LayerCurve* measured = curve()) {
      const std::string layers =
          fmt::format("layers of {} in {}", measured->model, measured->dtype);
      ends(LoadQuantity::step_tokens, measured->layer_us, "tokens", layers);
      return ends(LoadQuantity::sequences, measured->head_us, "sequences",
                  "output head of " + measured->model);
    }
    std::set<Precision> precisions;
    for (const LayerMatrix& matrix :
         layer_matrices(recipe_.model, recipe_.quantization, recipe_.parallelism.tensor)) {
      const bool first = precisions.insert(matrix.precision).second;
      const auto law = measured_.gemm.find(std::string(precision_name(matrix.precision)));
      if (law == measured_.gemm.end()) {
        if (first)
          add(
              fmt::format("matrix products in {} were not measured on {}; its datasheet's rates "
                          "stand in.",
                          precision_name(matrix.precision), gpu_));
        continue;
      }
      const std::string products = "matrix products in " + law->first;
      if (first) rows_end(law->second.grid, products);
      fixed(law->second.grid, "n", static_cast<double>(matrix.n), "width of " + products);
      fixed(law->second.grid, "k", static_cast<double>(matrix.k), "depth of " + products);
    }
  }

  /// A step that speculates has several tokens per sequence.
  void rows_end(const FittedGrid& grid, const std::string& products) {
    ends(LoadQuantity::step_tokens, grid, "m", products);
    const GridAxis* rows = axis_of(grid, "m");
    if (rows != nullptr && shape_.speculative)
      ends(LoadQuantity::sequences,
           std::floor(rows->knots.back() / (shape_.speculative->draft_tokens + 1)), products);
  }

  const LayerCurve* curve() const {
    for (const LayerCurve& curve : measured_.layer_curves)
      if (curve.model == recipe_.model.name && curve.dtype == recipe_.dtype &&
          curve.tensor == recipe_.parallelism.tensor)
        return &curve;
    return nullptr;
  }

  template <class Law>
  const Law* measured_law(const std::vector<Law>& laws, const AttentionKind& kind,
                          std::string_view what) {
    for (const Law& law : laws)
      if (law.kind == kind) return &law;
    add(fmt::format(
        "{} attention with heads of {}, a KV cache in {} and {} was not measured on "
        "{}; the nearest kernel stands in.",
        what, kind.head_dim, kind.kv,
        kind.window > 0 ? fmt::format("a window of {}", kind.window) : "no window", gpu_));
    return nullptr;
  }

  void attention(std::int32_t window) {
    const AttentionKind kind{std::string(precision_name(recipe_.quantization.kv)),
                             recipe_.model.head_dim, window};
    if (const auto* law = measured_law(measured_.decode_attention, kind, "decode")) {
      ends(LoadQuantity::sequences, law->base_us, "sequences", "decode attention");
      if (window == 0 && law->most_context > 0)
        ends(LoadQuantity::context_tokens, law->most_context, "decode attention");
    }
    if (const auto* law = measured_law(measured_.prefill_attention, kind, "prefill"))
      ends(LoadQuantity::prompt_tokens, law->slowdown, "tokens", "prefill attention");
  }

  void latent_attention() {
    const std::string kv(precision_name(recipe_.quantization.kv));
    for (const LatentAttentionLaw& law : measured_.latent_attention) {
      if (law.kv != kv) continue;
      ends(LoadQuantity::sequences, law.decode_base_us, "sequences", "decode attention");
      return ends(LoadQuantity::prompt_tokens, law.prefill_slowdown, "tokens", "prefill attention");
    }
    add(fmt::format("latent attention with a KV cache in {} was not measured on {}.", kv, gpu_));
  }

  void experts() {
    if (!recipe_.model.mixture) return;
    const Parallelism& cut = recipe_.parallelism;
    const LayerCurve* measured = curve();
    if (measured != nullptr && cut.tensor * cut.data == 1 && !measured->experts_us.axes.empty())
      return ends(LoadQuantity::step_tokens, measured->experts_us, "tokens", "routed experts");
    const std::string precision(precision_name(recipe_.quantization.experts));
    const auto law = measured_.mixture.find(precision);
    if (law == measured_.mixture.end())
      return add(
          fmt::format("routed experts in {} were not measured on {}; its datasheet's rates "
                      "stand in.",
                      precision, gpu_));
    const MixtureSpec& mixture = *recipe_.model.mixture;
    if (const GridAxis* rows = axis_of(law->second.grid, "rows"))
      ends(LoadQuantity::step_tokens,
           std::floor(rows->knots.back() * mixture.experts / mixture.experts_per_token / cut.data),
           "routed experts in " + precision);
  }

  void collective(const std::string& operation, std::int32_t gpus, double bytes_per_token) {
    const CollectiveLaw* law = nearest_collective(measured_.collectives, operation, gpus);
    if (law == nullptr || law->gpus != gpus)
      add(fmt::format("{} among {} {} was not measured; {}.", operation, gpus, gpu_,
                      law != nullptr ? fmt::format("that among {} stands in", law->gpus)
                                     : "its link's rate stands in"));
    if (law != nullptr)
      ends(LoadQuantity::step_tokens, tokens_of(*law, bytes_per_token),
           fmt::format("{} among {}", operation, law->gpus));
  }

  /// As workloads/step_time/communication.cpp has their messages.
  void collectives() {
    const Parallelism& cut = recipe_.parallelism;
    const double bytes = static_cast<double>(recipe_.model.hidden) * kActivationBytes;
    if (cut.tensor > 1) collective("all_reduce", cut.tensor, bytes);
    if (recipe_.model.mixture && cut.data > 1)
      collective(
          "all_to_all", cut.tensor * cut.data,
          bytes * std::min(recipe_.model.mixture->experts_per_token, cut.expert) / cut.tensor);
    if (cut.pipeline > 1) collective("send_recv", 2, bytes / cut.tensor);
  }

  void unmeasured_terms() {
    if (recipe_.model.linear_attention)
      add("layers with a recurrent state are costed by their bytes and flops; none was measured.");
    if (recipe_.model.sparse_attention)
      add("the index of sparse attention is costed by its bytes and flops; none was measured.");
    if (recipe_.lora_adapters > 0)
      add("LoRA adapters are taken to slow matrix products as they did a 7B model on an A100.");
  }

  void anchor() {
    const std::vector<MeasuredRange> ranges = anchor_ranges(shape_.anchor);
    scope_.ranges.insert(scope_.ranges.end(), ranges.begin(), ranges.end());
  }

  const ReplicaRecipe& recipe_;
  const OperatorLaws& measured_;
  const StepShape& shape_;
  std::string_view gpu_;
  std::set<std::string> said_;
  MeasuredScope scope_;
};

}  // namespace

MeasuredScope measured_scope(const ReplicaRecipe& recipe, const OperatorLaws& measured,
                             const StepShape& shape, std::string_view gpu) {
  return Scope(recipe, measured, shape, gpu).all();
}

}  // namespace plimsoll
