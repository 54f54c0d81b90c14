// Calibrations are written as they are read; wrong ones say what and where.
#include "core/config/yaml.hpp"
#include "core/config/yaml_writer.hpp"
#include "tests/catch.hpp"
#include "tests/unit/workloads/catalog_under_test.hpp"
#include "workloads/step_time/calibration.hpp"
#include "workloads/step_time/datasheet_laws.hpp"

using namespace plimsoll;

namespace {

CatalogEntry entry(const std::string& text) {
  return {"calibrations", "tiny", text, parse_yaml(text, "tiny.yaml")};
}

std::string text_of(const Calibration& calibration) {
  return to_yaml(write_calibration(calibration));
}

/// The shipped calibration with `from` replaced by `to`, once.
std::string faults_with(const std::string& from, const std::string& to) {
  std::string text = text_of(shipped_calibration());
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  try {
    read_calibration(entry(text));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no fault";
}

bool says(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return true;
  WARN(text);
  return false;
}

}  // namespace

TEST_CASE("what is written reads back as the same text", "[calibration]") {
  HardwareCatalog hardware(shipped_roots());
  for (const Calibration& calibration :
       {shipped_calibration(), datasheet_calibration(hardware.gpu("nvidia_h100_sxm", {}))}) {
    const std::string text = text_of(calibration);
    const Calibration again = read_calibration(entry(text));
    CHECK(text_of(again) == text);
    CHECK(again.laws.gemm.size() == calibration.laws.gemm.size());
    CHECK(again.laws.decode_attention[0].base_us.log_factors.size() ==
          calibration.laws.decode_attention[0].base_us.log_factors.size());
    CHECK(again.errors[0].median == calibration.errors[0].median);
  }
}

TEST_CASE("tables of numbers stand in lines of at most 100 columns", "[calibration]") {
  const std::string text = text_of(shipped_calibration());
  CHECK(says(text, "sequences: [1, 2, 4, 8,"));
  std::size_t longest = 0, begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    if (text.find("source:", begin) > end && text.find("range:", begin) > end &&
        text.find("command:", begin) > end)
      longest = std::max(longest, end - begin);
    begin = end + 1;
  }
  CHECK(longest <= 100);
}

TEST_CASE("a wrong calibration says what and where", "[calibration]") {
  CHECK(faults_with("sharpness: 3", "sharpness: 2") == "no fault");
  CHECK(
      says(faults_with("level: \"operator tables\"", "level: tables"), "unknown level \"tables\""));
  CHECK(says(faults_with("    bf16:\n", "    bf17:\n"), "Did you mean \"bf16\"?"));
  CHECK(says(faults_with("sharpness: 3", "sharpness: 0"), "outside [1, 100]"));
  CHECK(says(faults_with("        heads:\n", "        width:\n"),
             "laws.decode_attention[0].base_us has the axes"));
  CHECK(says(faults_with("sequences: [1, 2, 4, 8", "sequences: [1, 2, 4, 4"), "is not above 4"));
  CHECK(says(faults_with("sequences: [1, 2, 4, 8", "sequences: [1, 2, 4"), "log_factors for"));
  CHECK(says(faults_with("operation: all_reduce", "operation: all_reuce"), "all_reduce"));
}

TEST_CASE("the stated error is the engine's own, or else that of any engine", "[calibration]") {
  Calibration calibration;
  calibration.errors = {
      {.level = "anchored", .engine = "vllm", .median = 0.04, .range = "", .source = ""},
      {.level = "anchored", .median = 0.06, .range = "", .source = ""}};
  CHECK(calibration.error_of("anchored", "vllm")->median == 0.04);
  CHECK(calibration.error_of("anchored", "sglang")->median == 0.06);
  CHECK(calibration.error_of("telemetry", "vllm") == nullptr);
}
