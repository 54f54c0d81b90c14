// Naming a trace: "format:path".
#include "traces/trace_source.hpp"

#include <string>

#include "tests/catch.hpp"
#include "tests/unit/traces/trace_files.hpp"
#include "traces/trace_formats.hpp"

using namespace plimsoll;

namespace {

std::string argument_fault(std::string_view text) {
  try {
    parse_trace_argument(text, {"--trace"});
    return {};
  } catch (const ConfigError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a trace argument is a format, a colon and a path that may hold colons", "[traces]") {
  const TraceSource source = parse_trace_argument("csv:runs/12:30/trace.csv", {"--trace"});
  CHECK(source.format == "csv");
  CHECK(source.path == "runs/12:30/trace.csv");
}

TEST_CASE("a wrong trace argument is told what is allowed", "[traces]") {
  CHECK(argument_fault("azur:file.csv") ==
        "--trace: unknown trace format \"azur\". Did you mean \"azure\"? Known: azure, csv, "
        "mooncake.");
  const std::string usage =
      " is not FORMAT:PATH, such as azure:trace.csv.zst. Formats: azure, csv, mooncake.";
  CHECK(argument_fault("file.csv") == "--trace: \"file.csv\"" + usage);
  CHECK(argument_fault("azure:") == "--trace: \"azure:\"" + usage);
  CHECK(argument_fault("") == "--trace: \"\"" + usage);
}

TEST_CASE("every trace format says what it is", "[traces]") {
  const TraceFormats formats = builtin_trace_formats();
  REQUIRE(formats.names() == std::vector<std::string>{"azure", "csv", "mooncake"});
  for (const std::string& name : formats.names()) {
    CHECK(formats.find(name)->name == name);
    CHECK(!formats.find(name)->doc.empty());
  }
  CHECK(formats.find("xlsx") == nullptr);
}

TEST_CASE("a file that cannot be opened is an error that names it", "[traces]") {
  const test::TemporaryFolder folder;
  for (const char* format : {"azure", "csv", "mooncake"}) {
    CHECK(test::fault_of(format, folder.path("none.csv")) ==
          "none.csv: cannot be opened: No such file or directory.");
    CHECK(test::fault_of(format, folder.path("")).find("is a directory; name a file.") !=
          std::string::npos);
  }
}
