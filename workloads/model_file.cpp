// How a model stands in a file of workloads/catalog/models.
#include <fmt/format.h>

#include <vector>

#include "hardware/figure.hpp"
#include "workloads/model_spec.hpp"

namespace plimsoll {
namespace {

struct ModelFile {
  std::vector<std::string> aliases;
  Figure<std::int32_t> layers;
  Figure<std::int32_t> hidden;
  Figure<std::int32_t> heads;
  Figure<std::int32_t> kv_heads;
  Figure<std::int32_t> head_dim;
  Figure<std::int32_t> intermediate;
  Figure<std::int32_t> vocab;
  Figure<std::int32_t> max_context;

  /// The upper bounds catch slips; products of these figures fit in 64 bits.
  template <class Visit>
  static void fields(Visit&& visit) {
    visit("aliases", &ModelFile::aliases, "Other names of this model.");
    visit("layers", &ModelFile::layers, "Transformer layers.", required, 1, 10'000);
    visit("hidden", &ModelFile::hidden, "Width of the residual stream.", required, 1, 1'000'000);
    visit("heads", &ModelFile::heads, "Query heads.", required, 1, 10'000);
    visit("kv_heads", &ModelFile::kv_heads, "Key-value heads.", required, 1, 10'000);
    visit("head_dim", &ModelFile::head_dim, "Width of a head.", required, 1, 10'000);
    visit("intermediate", &ModelFile::intermediate, "Width of the gated MLP.", required, 1,
          1'000'000);
    visit("vocab", &ModelFile::vocab, "Tokens in the vocabulary.", required, 1, 10'000'000);
    visit("max_context", &ModelFile::max_context, "Longest context, tokens.", required, 1,
          100'000'000);
  }
};

}  // namespace

ModelSpec read_model(const CatalogEntry& entry) {
  std::vector<Fault> faults;
  const auto file = read_config<ModelFile>(entry.root, faults);
  if (faults.empty() && file.heads.value % file.kv_heads.value != 0)
    faults.push_back({position_of(entry.root, "kv_heads.value"),
                      fmt::format("kv_heads.value = {} does not divide heads.value = {}.",
                                  file.kv_heads.value, file.heads.value)});
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return {.name = entry.name,
          .layers = file.layers.value,
          .hidden = file.hidden.value,
          .heads = file.heads.value,
          .kv_heads = file.kv_heads.value,
          .head_dim = file.head_dim.value,
          .intermediate = file.intermediate.value,
          .vocab = file.vocab.value,
          .max_context = file.max_context.value};
}

}  // namespace plimsoll
