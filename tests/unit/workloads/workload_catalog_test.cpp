// Every file of the catalogue opens; wrong files say where and why.
#include "workloads/workload_catalog.hpp"

#include "core/config/yaml.hpp"
#include "tests/catch.hpp"
#include "tests/unit/workloads/catalog_under_test.hpp"

using namespace plimsoll;

namespace {

CatalogEntry entry(const std::string& text) {
  return {"models", "tiny", text, parse_yaml(text, "tiny.yaml")};
}

const char* const kTinyModel = R"(
layers:       {value: 2, source: a}
hidden:       {value: 8, source: a}
heads:        {value: 4, source: a}
kv_heads:     {value: 2, source: a}
head_dim:     {value: 2, source: a}
intermediate: {value: 16, source: a}
vocab:        {value: 10, source: a}
max_context:  {value: 64, source: a}
)";

/// The tiny model with one line replaced.
std::string with(const std::string& key, const std::string& line) {
  std::string text = kTinyModel;
  const auto begin = text.find("\n" + key + ":") + 1;
  return text.replace(begin, text.find('\n', begin) - begin, line);
}

std::string fault_of(const std::string& text) {
  try {
    read_model(entry(text));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no fault";
}

}  // namespace

TEST_CASE("every model, engine and calibration of the catalogue is whole and has its sources",
          "[catalog]") {
  WorkloadCatalog catalog(shipped_roots());
  for (const auto& name : catalog.models().names()) CHECK(catalog.model(name, {}).layers > 0);
  for (const auto& name : catalog.engines().names()) CHECK(catalog.engine(name, {}).block_size > 0);
  for (const auto& name : catalog.calibrations().names())
    CHECK_FALSE(catalog.calibration(name, {}).level.empty());
  CHECK(catalog.models().names().size() >= 2);
  CHECK(catalog.used().size() == catalog.models().names().size() +
                                     catalog.engines().names().size() +
                                     catalog.calibrations().names().size());
}

TEST_CASE("every calibration belongs to a GPU of the catalogue and its power to a known model",
          "[catalog]") {
  WorkloadCatalog catalog(shipped_roots());
  HardwareCatalog hardware(shipped_roots());
  for (const auto& name : catalog.calibrations().names()) {
    CHECK(hardware.gpu(name, {}).name == name);
    for (const PowerCoefficients& power : catalog.calibration(name, {}).power)
      CHECK_NOTHROW(catalog.model(power.model, {}));
  }
}

TEST_CASE("the shipped models have the parameters that their names promise", "[catalog]") {
  const auto billions = [](const char* name) {
    return static_cast<double>(
               weight_bytes(shipped_model(name), quantization_of(Precision::bf16)).count()) /
           2e9;
  };
  CHECK(billions("llama-3.1-70b") == Approx(70.55).epsilon(0.001));
  CHECK(billions("llama-3.1-8b") == Approx(8.03).epsilon(0.001));
  CHECK(billions("codellama-34b") == Approx(33.74).epsilon(0.001));
}

TEST_CASE("an unknown model names the nearest one", "[catalog]") {
  WorkloadCatalog catalog(shipped_roots());
  try {
    catalog.model("llama-3.1-70", {"chat.yaml", 3, 9});
    FAIL("found");
  } catch (const ConfigError& error) {
    const std::string text = error.what();
    CHECK(text.find("chat.yaml:3:9: unknown model \"llama-3.1-70\"") != std::string::npos);
    CHECK(text.find("Did you mean \"llama-3.1-70b\"?") != std::string::npos);
  }
}

TEST_CASE("a model's Hugging Face name finds it", "[catalog]") {
  CHECK(shipped_model("meta-llama/Llama-3.1-70B-Instruct").name == "llama-3.1-70b");
}

TEST_CASE("a wrong model file says what and where", "[catalog]") {
  CHECK(fault_of(kTinyModel) == "no fault");
  CHECK(fault_of(with("layers", "layers: 2")).find("tiny.yaml:2:9: layers = 2 has no source") == 0);
  CHECK(fault_of(with("layers", "layers: {value: 2}")).find("layers.source is missing") !=
        std::string::npos);
  CHECK(fault_of(with("vocab", "")).find("vocab is missing") != std::string::npos);
  CHECK(fault_of(with("heads", "heads: {value: -4, source: a}")).find("outside [1, 10000]") !=
        std::string::npos);
  CHECK(
      fault_of(with("kv_heads", "kv_heads: {value: 3, source: a}")).find("does not divide heads") !=
      std::string::npos);
  CHECK(fault_of(with("hidden", "hiden: {value: 8, source: a}")).find("Did you mean \"hidden\"?") !=
        std::string::npos);
}

TEST_CASE("an engine whose graph sizes are out of order is refused", "[catalog]") {
  WorkloadCatalog catalog(shipped_roots());
  CatalogEntry engine = catalog.engines().find("vllm-0.15", {});
  const auto at = engine.text.find("[1, 2, 4,");
  REQUIRE(at != std::string::npos);
  engine.text.replace(at, 9, "[1, 4, 2,");
  engine.root = parse_yaml(engine.text, "engine.yaml");
  CHECK_THROWS_AS(read_engine(engine), ConfigError);
}
