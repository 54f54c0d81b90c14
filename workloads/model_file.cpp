// How a model stands in a file of workloads/catalog/models.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hardware/figure.hpp"
#include "workloads/model_spec.hpp"

namespace plimsoll {
namespace {

using Count = Figure<std::int32_t>;

// The upper bounds catch slips; products of these figures fit in 64 bits.
constexpr std::int32_t kMostLayers = 10'000;
constexpr std::int32_t kMostHeads = 10'000;
constexpr std::int32_t kWidest = 1'000'000;
constexpr std::int32_t kMostTokens = 100'000'000;

struct MixtureFile {
  Count experts;
  Count experts_per_token;
  Count intermediate;
  std::optional<Count> shared_intermediate;
  std::optional<Count> dense_layers;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("experts", &MixtureFile::experts, "Routed experts of a layer.", required, 1, 100'000);
    visit("experts_per_token", &MixtureFile::experts_per_token, "Routed experts of a token.",
          required, 1, 100'000);
    visit("intermediate", &MixtureFile::intermediate, "Width of one expert.", required, 1, kWidest);
    visit("shared_intermediate", &MixtureFile::shared_intermediate,
          "Width of all shared experts together; absent: there is none.", 0, kWidest);
    visit("dense_layers", &MixtureFile::dense_layers,
          "Layers with a dense MLP; absent: there is none.", 0, kMostLayers);
  }
  MixtureSpec spec() const {
    return {.experts = experts.value,
            .experts_per_token = experts_per_token.value,
            .intermediate = intermediate.value,
            .shared_intermediate = shared_intermediate ? shared_intermediate->value : 0,
            .dense_layers = dense_layers ? dense_layers->value : 0};
  }
};

struct LatentAttentionFile {
  Count query_rank;
  Count kv_rank;
  Count nope_dim;
  Count rope_dim;
  Count value_dim;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("query_rank", &LatentAttentionFile::query_rank,
          "Width of a compressed query; 0: not compressed.", required, 0, kWidest);
    visit("kv_rank", &LatentAttentionFile::kv_rank, "Width of the latent key and value.", required,
          1, kWidest);
    visit("nope_dim", &LatentAttentionFile::nope_dim, "Width of a head without position.", required,
          1, kMostHeads);
    visit("rope_dim", &LatentAttentionFile::rope_dim, "Width of the rotary key.", required, 1,
          kMostHeads);
    visit("value_dim", &LatentAttentionFile::value_dim, "Width of a head's value.", required, 1,
          kMostHeads);
  }
  LatentAttentionSpec spec() const {
    return {query_rank.value, kv_rank.value, nope_dim.value, rope_dim.value, value_dim.value};
  }
};

struct WindowFile {
  Count tokens;
  Count layers;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("tokens", &WindowFile::tokens, "Tokens that a layer with a window attends to.", required,
          1, kMostTokens);
    visit("layers", &WindowFile::layers, "Layers with a window.", required, 1, kMostLayers);
  }
  WindowSpec spec() const { return {tokens.value, layers.value}; }
};

struct LinearAttentionFile {
  Count layers;
  Count key_heads;
  Count value_heads;
  Count key_dim;
  Count value_dim;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("layers", &LinearAttentionFile::layers, "Layers with a recurrent state.", required, 1,
          kMostLayers);
    visit("key_heads", &LinearAttentionFile::key_heads, "Key heads.", required, 1, kMostHeads);
    visit("value_heads", &LinearAttentionFile::value_heads, "Value heads.", required, 1,
          kMostHeads);
    visit("key_dim", &LinearAttentionFile::key_dim, "Width of a key head.", required, 1,
          kMostHeads);
    visit("value_dim", &LinearAttentionFile::value_dim, "Width of a value head.", required, 1,
          kMostHeads);
  }
  LinearAttentionSpec spec() const {
    return {layers.value, key_heads.value, value_heads.value, key_dim.value, value_dim.value};
  }
};

struct SparseAttentionFile {
  Count top_k;
  Count index_heads;
  Count index_dim;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("top_k", &SparseAttentionFile::top_k, "Tokens that attention reads.", required, 1,
          kMostTokens);
    visit("index_heads", &SparseAttentionFile::index_heads, "Heads of the indexer.", required, 1,
          kMostHeads);
    visit("index_dim", &SparseAttentionFile::index_dim, "Width of the index of a token.", required,
          1, kMostHeads);
  }
  SparseAttentionSpec spec() const { return {top_k.value, index_heads.value, index_dim.value}; }
};

struct ModelFile {
  std::vector<std::string> aliases;
  Count layers;
  Count hidden;
  Count heads;
  Count kv_heads;
  Count head_dim;
  Count intermediate;
  Count vocab;
  Count max_context;
  std::optional<Figure<bool>> tied_embeddings;
  std::optional<MixtureFile> mixture;
  std::optional<LatentAttentionFile> latent_attention;
  std::optional<WindowFile> window;
  std::optional<LinearAttentionFile> linear_attention;
  std::optional<SparseAttentionFile> sparse_attention;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("aliases", &ModelFile::aliases, "Other names of this model.");
    visit("layers", &ModelFile::layers, "Transformer layers.", required, 1, kMostLayers);
    visit("hidden", &ModelFile::hidden, "Width of the residual stream.", required, 1, kWidest);
    visit("heads", &ModelFile::heads, "Query heads.", required, 1, kMostHeads);
    visit("kv_heads", &ModelFile::kv_heads, "Key-value heads.", required, 1, kMostHeads);
    visit("head_dim", &ModelFile::head_dim, "Width of a head.", required, 1, kMostHeads);
    visit("intermediate", &ModelFile::intermediate,
          "Width of the gated MLP; 0 where every layer is a mixture.", required, 0, kWidest);
    visit("vocab", &ModelFile::vocab, "Tokens in the vocabulary.", required, 1, 10'000'000);
    visit("max_context", &ModelFile::max_context, "Longest context, tokens.", required, 1,
          kMostTokens);
    visit("tied_embeddings", &ModelFile::tied_embeddings,
          "Whether the head shares the embedding's weights; absent: it does not.");
    visit("mixture", &ModelFile::mixture, "Routed experts in place of the MLP.");
    visit("latent_attention", &ModelFile::latent_attention,
          "Keys and values as one latent vector.");
    visit("window", &ModelFile::window, "Layers that attend to the last tokens only.");
    visit("linear_attention", &ModelFile::linear_attention,
          "Layers with a recurrent state in place of a KV cache.");
    visit("sparse_attention", &ModelFile::sparse_attention,
          "Attention to the tokens that an indexer picks.");
  }
};

template <class File>
auto spec_of(const std::optional<File>& file) {
  return file ? std::optional{file->spec()} : std::nullopt;
}

/// Figures that are each in range and yet cannot stand together.
class CrossChecks {
 public:
  CrossChecks(const ConfigNode& root, std::vector<Fault>& faults) : root_(root), faults_(faults) {}

  void divides(const char* small, std::int32_t divisor, const char* large, std::int32_t number) {
    if (number % divisor != 0)
      fault(small, fmt::format("{0}.value = {1} does not divide {2}.value = {3}.", small, divisor,
                               large, number));
  }
  void at_most(const char* small, std::int32_t value, const char* large, std::int32_t limit) {
    if (value > limit)
      fault(small,
            fmt::format("{0}.value = {1} is above {2}.value = {3}.", small, value, large, limit));
  }
  void fault(const std::string& path, std::string message) {
    faults_.push_back({position_of(root_, path + ".value"), std::move(message)});
  }

 private:
  const ConfigNode& root_;
  std::vector<Fault>& faults_;
};

void check_mlp(const ModelSpec& model, CrossChecks checks) {
  if (const auto& mixture = model.mixture) {
    checks.at_most("mixture.experts_per_token", mixture->experts_per_token, "mixture.experts",
                   mixture->experts);
    if (mixture->dense_layers >= model.layers)
      checks.fault("mixture.dense_layers",
                   fmt::format("mixture.dense_layers.value = {} leaves no layer of layers.value = "
                               "{} to the mixture.",
                               mixture->dense_layers, model.layers));
  }
  if (model.intermediate == 0 && model.dense_layers() > 0)
    checks.fault("intermediate",
                 fmt::format("intermediate.value = 0, but {} of the layers have a dense MLP: 0 is "
                             "for models whose layers are all mixtures.",
                             model.dense_layers()));
}

void check_attention(const ModelSpec& model, CrossChecks checks) {
  checks.divides("kv_heads", model.kv_heads, "heads", model.heads);
  if (const auto& linear = model.linear_attention) {
    checks.at_most("linear_attention.layers", linear->layers, "layers", model.layers);
    checks.divides("linear_attention.key_heads", linear->key_heads, "linear_attention.value_heads",
                   linear->value_heads);
  }
  if (model.window && model.window->layers > model.attention_layers())
    checks.fault("window.layers",
                 fmt::format("window.layers.value = {} is above the {} layers with a KV cache.",
                             model.window->layers, model.attention_layers()));
}

}  // namespace

ModelSpec read_model(const CatalogEntry& entry) {
  std::vector<Fault> faults;
  const auto file = read_config<ModelFile>(entry.root, faults);
  ModelSpec model{.name = entry.name,
                  .layers = file.layers.value,
                  .hidden = file.hidden.value,
                  .heads = file.heads.value,
                  .kv_heads = file.kv_heads.value,
                  .head_dim = file.head_dim.value,
                  .intermediate = file.intermediate.value,
                  .vocab = file.vocab.value,
                  .max_context = file.max_context.value,
                  .tied_embeddings = file.tied_embeddings && file.tied_embeddings->value,
                  .mixture = spec_of(file.mixture),
                  .latent_attention = spec_of(file.latent_attention),
                  .window = spec_of(file.window),
                  .linear_attention = spec_of(file.linear_attention),
                  .sparse_attention = spec_of(file.sparse_attention)};
  if (faults.empty()) {
    check_mlp(model, CrossChecks(entry.root, faults));
    check_attention(model, CrossChecks(entry.root, faults));
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return model;
}

}  // namespace plimsoll
