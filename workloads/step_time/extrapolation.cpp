#include "workloads/step_time/extrapolation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
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

class Notes {
 public:
  Notes(const ReplicaRecipe& recipe, const OperatorLaws& measured, const StepShape& shape,
        std::string_view gpu)
      : recipe_(recipe), measured_(measured), shape_(shape), gpu_(gpu) {}

  std::vector<std::string> all() {
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
    return std::move(sentences_);
  }

 private:
  void add(const std::string& sentence) { sentences_.push_back("extrapolating: " + sentence); }
  /// Whether the largest size is within the grid; else says so, once per subject.
  void within(const FittedGrid& grid, std::string_view axis, double most,
              const std::string& subject) {
    const GridAxis* knots = axis_of(grid, axis);
    if (knots == nullptr || most <= knots->knots.back()) return;
    if (!said_.insert(subject).second) return;
    add(fmt::format("{} of {:g} beyond {:g} measured on {}.", subject, most, knots->knots.back(),
                    gpu_));
  }
  std::int32_t most_tokens() const {
    return std::max(shape_.max_num_batched_tokens, shape_.max_num_seqs);
  }

  void matrices() {
    if (has_curve()) return;
    std::set<Precision> precisions;
    for (const LayerMatrix& matrix :
         layer_matrices(recipe_.model, recipe_.quantization, recipe_.parallelism.tensor)) {
      const auto law = measured_.gemm.find(std::string(precision_name(matrix.precision)));
      if (law == measured_.gemm.end()) {
        if (precisions.insert(matrix.precision).second)
          add(
              fmt::format("matrix products in {} were not measured on {}; its datasheet's rates "
                          "stand in.",
                          precision_name(matrix.precision), gpu_));
        continue;
      }
      const std::string in = fmt::format(" of matrix products in {}", law->first);
      within(law->second.grid, "m", most_tokens(), "rows" + in);
      within(law->second.grid, "n", static_cast<double>(matrix.n), "width" + in);
      within(law->second.grid, "k", static_cast<double>(matrix.k), "depth" + in);
    }
  }

  bool has_curve() const {
    return std::any_of(measured_.layer_curves.begin(), measured_.layer_curves.end(),
                       [&](const LayerCurve& curve) {
                         return curve.model == recipe_.model.name && curve.dtype == recipe_.dtype &&
                                curve.tensor == recipe_.parallelism.tensor;
                       });
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
      within(law->base_us, "sequences", shape_.max_num_seqs, "decode attention");
      if (window == 0 && law->most_context > 0 && shape_.max_model_len > law->most_context)
        add(fmt::format("contexts of {} tokens beyond {:g} measured on {}.", shape_.max_model_len,
                        law->most_context, gpu_));
    }
    if (const auto* law = measured_law(measured_.prefill_attention, kind, "prefill"))
      within(law->slowdown, "tokens", shape_.max_model_len, "prefill");
  }

  void latent_attention() {
    const std::string kv(precision_name(recipe_.quantization.kv));
    for (const LatentAttentionLaw& law : measured_.latent_attention) {
      if (law.kv != kv) continue;
      within(law.decode_base_us, "sequences", shape_.max_num_seqs, "decode attention");
      within(law.prefill_slowdown, "tokens", shape_.max_model_len, "prefill");
      return;
    }
    add(fmt::format("latent attention with a KV cache in {} was not measured on {}.", kv, gpu_));
  }

  void experts() {
    if (!recipe_.model.mixture) return;
    const std::string precision(precision_name(recipe_.quantization.experts));
    const auto law = measured_.mixture.find(precision);
    if (law == measured_.mixture.end())
      return add(
          fmt::format("routed experts in {} were not measured on {}; its datasheet's rates "
                      "stand in.",
                      precision, gpu_));
    const MixtureSpec& mixture = *recipe_.model.mixture;
    const double tokens = 1.0 * most_tokens() * recipe_.parallelism.data;
    within(law->second.grid, "rows", tokens * mixture.experts_per_token / mixture.experts,
           "tokens per routed expert");
  }

  void collective(const std::string& operation, std::int32_t gpus) {
    const CollectiveLaw* law = nearest_collective(measured_.collectives, operation, gpus);
    if (law != nullptr && law->gpus == gpus) return;
    add(fmt::format("{} among {} {} was not measured; {}.", operation, gpus, gpu_,
                    law != nullptr ? fmt::format("that among {} stands in", law->gpus)
                                   : "its link's rate stands in"));
  }

  void collectives() {
    const Parallelism& cut = recipe_.parallelism;
    if (cut.tensor > 1) collective("all_reduce", cut.tensor);
    if (recipe_.model.mixture && cut.data > 1) collective("all_to_all", cut.tensor * cut.data);
    if (cut.pipeline > 1) collective("send_recv", 2);
  }

  void unmeasured_terms() {
    if (recipe_.model.linear_attention)
      add("layers with a recurrent state are costed by their bytes and flops; none was measured.");
    if (recipe_.model.sparse_attention)
      add("the index of sparse attention is costed by its bytes and flops; none was measured.");
    if (recipe_.lora_adapters > 0)
      add("LoRA adapters are taken to slow matrix products as they did a 7B model on an A100.");
  }

  const ReplicaRecipe& recipe_;
  const OperatorLaws& measured_;
  const StepShape& shape_;
  std::string_view gpu_;
  std::set<std::string> said_;
  std::vector<std::string> sentences_;
};

}  // namespace

std::vector<std::string> step_time_extrapolations(const ReplicaRecipe& recipe,
                                                  const OperatorLaws& measured,
                                                  const StepShape& shape, std::string_view gpu) {
  return Notes(recipe, measured, shape, gpu).all();
}

}  // namespace plimsoll
