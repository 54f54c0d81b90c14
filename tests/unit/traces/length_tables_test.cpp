// The file of a fitted table: written, read, refused; and the one that ships.
#include "traces/length_tables.hpp"

#include <memory>
#include <string>

#include "tests/catch.hpp"
#include "tests/unit/traces/trace_files.hpp"

using namespace plimsoll;

namespace {

const std::string kShipped = "traces/quantiles/azure_2023_conversation.yaml";

std::string file_with(const std::string& knots) {
  return "source: a test\nprompt_tokens:\n  knots:\n" + knots +
         "output_tokens: {knots: [[0, 0], [9, 1]]}\n";
}

std::string fault(const std::string& text) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("t.yaml", text);
  try {
    read_lengths(path);
    return {};
  } catch (const ConfigError& error) {
    const std::string what = error.what();
    return what.substr(path.size() - std::string_view("t.yaml").size());
  }
}

}  // namespace

TEST_CASE("a table written by hand needs a source and knots, no more", "[traces][lengths]") {
  const test::TemporaryFolder folder;
  const std::string text = file_with("  - [0, 0]\n  - [100, 0.5]\n  - [4000, 1.0]\n");
  const LengthTables tables = read_lengths(folder.write("t.yaml", text));
  CHECK(tables.source == "a test");
  CHECK(tables.prompt_tokens.table.at(0.5) == 100);
  CHECK(!tables.prompt_tokens.ks_distance);
  CHECK(tables.output_tokens.table.at(0.999) == 9);
}

TEST_CASE("what is wrong with a table is said with its place", "[traces][lengths]") {
  CHECK(fault(file_with("  - [0, 0.1]\n  - [10, 1]\n")) ==
        "t.yaml:4:5: prompt_tokens.knots[0]: the first knot must have share 0, one below the least "
        "value.");
  CHECK(fault(file_with("  - [0, 0]\n  - [10, 0.9]\n")) ==
        "t.yaml:5:5: prompt_tokens.knots[1]: the last knot must have share 1.");
  CHECK(fault(file_with("  - [0, 0]\n  - [10, 0.5]\n  - [10, 1]\n")) ==
        "t.yaml:6:5: prompt_tokens.knots[2]: 10 tokens do not rise.");
  CHECK(fault(file_with("  - [0, 0]\n  - [5, 0.5]\n  - [6, 0.25]\n  - [7, 1]\n")) ==
        "t.yaml:6:5: prompt_tokens.knots[2]: share 0.25 falls.");
  CHECK(
      fault(file_with("  - [0, 0]\n")).find("prompt_tokens.knots has 1 knots; it needs 2 to 64.") !=
      std::string::npos);
  CHECK(fault(file_with("")).find("prompt_tokens.knots has 0 knots; it needs 2 to 64.") !=
        std::string::npos);
  CHECK(fault(file_with("  - [0, 0]\n  - [5, nan]\n")).find("prompt_tokens.knots[1][1] = ") !=
        std::string::npos);
  CHECK(fault(file_with("  - [0, 0]\n  - [-5, 1]\n")).find("is outside [0, 1000000000]") !=
        std::string::npos);
  CHECK(fault(file_with("  - [0, 0]\n  - 5\n")).find("t.yaml:5:5:") == 0);
  CHECK(fault(file_with("  - [0, 0]\n  - [5, 1, 2]\n")).find("is not a pair [value, share]") !=
        std::string::npos);
  CHECK(fault("source: a test\n").find("prompt_tokens is missing") != std::string::npos);
  CHECK(fault("sorce: a test\n").find("Did you mean \"source\"?") != std::string::npos);
}

TEST_CASE("the shipped table says what it is made from and how good it is", "[traces][lengths]") {
  const LengthTables tables = read_lengths(test::source_path(kShipped));
  CHECK(tables.attribution.find("CC-BY-4.0") != std::string::npos);
  CHECK(tables.attribution.find("Azure Public Dataset") != std::string::npos);
  CHECK(tables.requests == 19'366);
  CHECK(*tables.prompt_tokens.ks_distance < 0.004);
  CHECK(*tables.output_tokens.ks_distance < 0.004);
  CHECK(tables.prompt_tokens.table.mean() ==
        Approx(*tables.prompt_tokens.data_mean).epsilon(0.005));
  CHECK(tables.output_tokens.table.mean() ==
        Approx(*tables.output_tokens.data_mean).epsilon(0.005));
  // Percentiles of the data, as read off the trace: p50, p90, p95, p99.
  const QuantileTable& prompt = tables.prompt_tokens.table;
  CHECK(prompt.at(0.5) == Approx(1020).epsilon(0.01));
  CHECK(prompt.at(0.9) == Approx(2734).epsilon(0.02));
  CHECK(prompt.at(0.95) == Approx(4083).epsilon(0.01));
  CHECK(prompt.at(0.99) == Approx(4142).epsilon(0.01));
  const QuantileTable& output = tables.output_tokens.table;
  CHECK(output.at(0.5) == Approx(129).epsilon(0.01));
  CHECK(output.at(0.9) == Approx(424).epsilon(0.01));
  CHECK(output.at(0.99) == Approx(601).epsilon(0.01));
}

TEST_CASE("the shipped table is what its command fits", "[traces][lengths]") {
  const std::string data = test::data_path(test::kAzureConversation);
  if (data.empty()) return;
  const test::TemporaryFolder folder;
  const std::string path = folder.path("azure_2023_conversation.yaml");
  const LengthTables tables = fit_trace({"azure", data}, {"--trace"}, path);
  write_lengths(tables, path);
  CHECK(tables == read_lengths(path));
  CHECK(test::read_bytes(path) == test::read_bytes(test::source_path(kShipped)));
}
