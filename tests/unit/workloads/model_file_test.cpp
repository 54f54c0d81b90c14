// How model and engine files are read: every architecture that a model can have, and every way to get it wrong.
#include <string>

#include "core/config/yaml.hpp"
#include "tests/catch.hpp"
#include "workloads/engine_profile.hpp"
#include "workloads/model_spec.hpp"

using namespace plimsoll;

namespace {

const char* const kWholeModel = R"(
layers:          {value: 8, source: a}
hidden:          {value: 64, source: a}
heads:           {value: 8, source: a}
kv_heads:        {value: 4, source: a}
head_dim:        {value: 8, source: a}
intermediate:    {value: 128, source: a}
vocab:           {value: 100, source: a}
max_context:     {value: 64, source: a}
tied_embeddings: {value: true, source: a}
mixture:
  experts:             {value: 16, source: a}
  experts_per_token:   {value: 2, source: a}
  intermediate:        {value: 32, source: a}
  shared_intermediate: {value: 48, source: a}
  dense_layers:        {value: 1, source: a}
latent_attention:
  query_rank: {value: 24, source: a}
  kv_rank:    {value: 16, source: a}
  nope_dim:   {value: 6, source: a}
  rope_dim:   {value: 2, source: a}
  value_dim:  {value: 7, source: a}
window:
  tokens: {value: 32, source: a}
  layers: {value: 3, source: a}
linear_attention:
  layers:      {value: 4, source: a}
  key_heads:   {value: 2, source: a}
  value_heads: {value: 6, source: a}
  key_dim:     {value: 9, source: a}
  value_dim:   {value: 10, source: a}
sparse_attention:
  top_k:       {value: 20, source: a}
  index_heads: {value: 3, source: a}
  index_dim:   {value: 5, source: a}
)";

/// The whole model with the first `from` replaced.
std::string with(const std::string& from, const std::string& to) {
  std::string text = kWholeModel;
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

ModelSpec read(const std::string& text) {
  return read_model({"models", "whole", text, parse_yaml(text, "whole.yaml")});
}

std::string fault_of(const std::string& text) {
  try {
    read(text);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no fault";
}

}  // namespace

TEST_CASE("every part of an architecture is read from its mapping", "[catalog]") {
  const ModelSpec model = read(kWholeModel);
  CHECK(model.tied_embeddings);
  REQUIRE(model.mixture);
  CHECK(model.mixture->experts == 16);
  CHECK(model.mixture->experts_per_token == 2);
  CHECK(model.mixture->intermediate == 32);
  CHECK(model.mixture->shared_intermediate == 48);
  CHECK(model.mixture_layers() == 7);
  REQUIRE(model.latent_attention);
  CHECK(model.latent_attention->query_rank == 24);
  CHECK(model.latent_attention->kv_rank == 16);
  CHECK(model.latent_attention->nope_dim == 6);
  CHECK(model.latent_attention->rope_dim == 2);
  CHECK(model.latent_attention->value_dim == 7);
  REQUIRE(model.window);
  CHECK(model.window->tokens == 32);
  CHECK(model.window->layers == 3);
  REQUIRE(model.linear_attention);
  CHECK(model.attention_layers() == 4);
  CHECK(model.linear_attention->key_heads == 2);
  CHECK(model.linear_attention->value_heads == 6);
  CHECK(model.linear_attention->key_dim == 9);
  CHECK(model.linear_attention->value_dim == 10);
  REQUIRE(model.sparse_attention);
  CHECK(model.sparse_attention->top_k == 20);
  CHECK(model.sparse_attention->index_heads == 3);
  CHECK(model.sparse_attention->index_dim == 5);
}

TEST_CASE("a model without extras is a dense one with a head of its own", "[catalog]") {
  const std::string all = kWholeModel;
  const ModelSpec model = read(all.substr(0, all.find("tied_embeddings")));
  CHECK_FALSE(model.tied_embeddings);
  CHECK_FALSE(model.mixture);
  CHECK_FALSE(model.latent_attention);
  CHECK_FALSE(model.window);
  CHECK_FALSE(model.linear_attention);
  CHECK_FALSE(model.sparse_attention);
  CHECK(model.dense_layers() == model.layers);
}

TEST_CASE("figures that cannot stand together are refused at their line", "[catalog]") {
  CHECK(fault_of(with("experts_per_token:   {value: 2", "experts_per_token:   {value: 17")) ==
        "whole.yaml:13:32: mixture.experts_per_token.value = 17 is above mixture.experts.value = "
        "16.");
  CHECK(fault_of(with("dense_layers:        {value: 1", "dense_layers:        {value: 8"))
            .find("leaves no layer of layers.value = 8 to the mixture") != std::string::npos);
  CHECK(fault_of(with("intermediate:    {value: 128", "intermediate:    {value: 0"))
            .find("intermediate.value = 0, but 1 of the layers have a dense MLP") !=
        std::string::npos);
  CHECK(fault_of(with("  layers: {value: 3", "  layers: {value: 5"))
            .find("window.layers.value = 5 is above the 4 layers with a KV cache") !=
        std::string::npos);
  CHECK(fault_of(with("layers:      {value: 4", "layers:      {value: 9"))
            .find("linear_attention.layers.value = 9 is above layers.value = 8") !=
        std::string::npos);
  CHECK(fault_of(with("key_heads:   {value: 2", "key_heads:   {value: 4"))
            .find("does not divide linear_attention.value_heads.value = 6") != std::string::npos);
}

TEST_CASE("a mixture in every layer needs no dense MLP", "[catalog]") {
  std::string text = with("intermediate:    {value: 128", "intermediate:    {value: 0");
  const std::string dense = "  dense_layers:        {value: 1, source: a}\n";
  text.erase(text.find(dense), dense.size());
  CHECK(read(text).dense_layers() == 0);
}

TEST_CASE("a nested figure needs its source, and a nested key is spelt as it is known",
          "[catalog]") {
  CHECK(fault_of(with("kv_rank:    {value: 16, source: a}", "kv_rank:    {value: 16}"))
            .find("latent_attention.kv_rank.source is missing") != std::string::npos);
  CHECK(fault_of(with("top_k:", "topk:")).find("Did you mean \"top_k\"?") != std::string::npos);
  CHECK(fault_of(with("  tokens: {value: 32", "  tokens: {value: 0")).find("outside [1, ") !=
        std::string::npos);
  CHECK(fault_of(with("{value: true", "{value: yes")).find("tied_embeddings") != std::string::npos);
}

TEST_CASE("a kind of scheduler is one of two names", "[catalog]") {
  SchedulerKind kind = SchedulerKind::mixed;
  CHECK(parse_scalar("prefill_first", kind).empty());
  CHECK(kind == SchedulerKind::prefill_first);
  CHECK(scalar_text(kind) == "prefill_first");
  CHECK(parse_scalar("mixed", kind).empty());
  CHECK(kind == SchedulerKind::mixed);
  CHECK(parse_scalar("decode_first", kind) ==
        "is not a kind of scheduler; write mixed or prefill_first");
  CHECK(kind == SchedulerKind::mixed);
}
