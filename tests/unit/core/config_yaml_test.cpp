// YAML to trees: what is kept, and what is refused where.
#include <fmt/format.h>

#include <filesystem>

#include "core/config/yaml.hpp"
#include "core/config/yaml_writer.hpp"
#include "core/random_stream.hpp"
#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

std::string error_of(std::string_view text) {
  try {
    parse_yaml(text, "a.yaml");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

bool same(const ConfigNode& a, const ConfigNode& b) {
  if (a.kind != b.kind || a.text != b.text) return false;
  if (a.items.size() != b.items.size() || a.entries.size() != b.entries.size()) return false;
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same(a.items[i], b.items[i])) return false;
  }
  for (std::size_t i = 0; i < a.entries.size(); ++i) {
    if (a.entries[i].key != b.entries[i].key) return false;
    if (!same(a.entries[i].value, b.entries[i].value)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("scalars keep their text and their place", "[core][config]") {
  const ConfigNode root = parse_yaml("a: 012\nb:\n  c: no\n  d: \"8\"\n  e: ~\n", "a.yaml");
  CHECK(root.find("a")->text == "012");
  CHECK(root.find("a")->at.text() == "a.yaml:1:4");
  CHECK(find_path(root, "b.c")->text == "no");
  CHECK_FALSE(find_path(root, "b.c")->quoted);
  CHECK(find_path(root, "b.d")->quoted);
  CHECK(find_path(root, "b.e")->is(ConfigNode::Kind::null));
  CHECK(root.entries[1].key_at.text() == "a.yaml:2:1");
  CHECK(position_of(root, "b.d").text() == "a.yaml:4:6");
  CHECK(position_of(root, "b.missing.deeper").text() == "a.yaml:3:3");
  CHECK(find_path(root, "b.missing") == nullptr);
}

TEST_CASE("a duplicate key names both places and the first one counts", "[core][config]") {
  CHECK(error_of("a: 1\nb: 2\na: 3\n") ==
        "a.yaml:3:1: duplicate key \"a\"; it already stands at a.yaml:1:1.");
  std::vector<Fault> faults;
  const ConfigNode root = parse_yaml("m: {x: 1, x: 2}\nm: 3\n", "a.yaml", faults);
  CHECK(faults.size() == 2);
  CHECK(find_path(root, "m.x")->text == "1");
}

TEST_CASE("what is no single plain YAML document is refused with its place", "[core][config]") {
  CHECK(error_of("") == "a.yaml: is empty.");
  CHECK(error_of("# nothing\n") == "a.yaml: is empty.");
  CHECK(error_of("a: [1, 2\nb: 3\n").starts_with("a.yaml:2:"));
  CHECK(error_of("a: 1\n---\nb: 2\n").find("second document") != std::string::npos);
  CHECK(error_of("a: !!int 3\n").find("a.yaml:1:4: YAML tags") == 0);
  CHECK(error_of("[x]: 3\n").find("a key must be text") != std::string::npos);
  CHECK(error_of("a: 1\n~: 3\n").find("a key must be text") != std::string::npos);
  CHECK(error_of(std::string_view("a: 1\n\0b", 7)).find("a.yaml:2:1: control character") == 0);
  CHECK(error_of("a: 1\n\x04 b: 2").find("control character 0x04") != std::string::npos);
  CHECK(error_of(std::string(200, '[') + std::string(200, ']')).find("nested deeper") !=
        std::string::npos);
  CHECK(error_of(std::string(1'000'000, '[')) != "no error");
  std::string steps;
  for (int i = 0; i < 1000; ++i) steps += "- ";
  CHECK(error_of(steps + "x").find("nested deeper") != std::string::npos);
}

TEST_CASE("aliases copy their value, within a bound", "[core][config]") {
  const ConfigNode root = parse_yaml("a: &x {k: 1}\nb: *x\n", "a.yaml");
  CHECK(find_path(root, "b.k")->text == "1");
  CHECK(root.find("b")->at.line == 2);
  CHECK(error_of("a: &x [*x]\n").find("not complete") != std::string::npos);
  std::string bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i,
                        i - 1);
  }
  CHECK(error_of(bomb).find("more than 100000 values") != std::string::npos);
}

TEST_CASE("files that cannot be read are named with the reason", "[core][config]") {
  CHECK_THROWS_AS(load_yaml("no/such/file.yaml"), ConfigError);
  CHECK_THROWS_WITH(load_yaml("no/such/file.yaml"),
                    "no/such/file.yaml: cannot be opened: No such file or directory.");
  const std::string folder = std::filesystem::temp_directory_path().string();
  CHECK_THROWS_WITH(load_yaml(folder), folder + ": is a folder, not a file.");
}

TEST_CASE("a tree written as YAML is read back as the same tree", "[core][config]") {
  const char* text = R"(
plain: 80 GB
quoted: "yes"
tricky: "a: b # c \"d\" \\ \x07"
block: |
  two
  lines
nothing: ~
empty_map: {}
empty_list: []
list: [a, {b: 1, "odd key: ": 2}, [3, []]]
)";
  const ConfigNode root = parse_yaml(text, "a.yaml");
  const std::string written = to_yaml(root);
  CHECK(same(parse_yaml(written, "b.yaml"), root));
  CHECK(to_yaml(parse_yaml(written, "b.yaml")) == written);
  for (const char* word :
       {"no", "8", "null", "", "a b", "1e3", "~", ".5", "- x", "y", "ok/name-1.2"}) {
    ConfigNode map = ConfigNode::map();
    map.add(word[0] ? word : "empty", text_node(word));
    CHECK(same(parse_yaml(to_yaml(map), "c.yaml"), map));
  }
}

TEST_CASE("no text makes the parser do anything but parse or throw ConfigError", "[core][config]") {
  const std::string valid =
      "a: &x {k: 1, l: [1, 2, 'three']}\nb: *x\nc: |\n  text\n  more\nd: \"q\\n\"\n? e\n: f\n- \n";
  const std::string bytes =
      "[]{}:,&*!|>'\"%@`#-?\n \t\xff\xc3\x01\x80"
      "abc019~<";
  const RandomStream random(11, "tests/core/config", "mutations");
  int parsed = 0;
  for (std::uint64_t round = 0; round < 4000; ++round) {
    std::string text = valid;
    const std::uint32_t edits = 1 + below(6, random.bits(round, 0));
    for (std::uint32_t edit = 0; edit < edits && !text.empty(); ++edit) {
      const std::uint32_t where =
          below(static_cast<std::uint32_t>(text.size()), random.bits(round, 3 * edit + 1));
      const char byte =
          bytes[below(static_cast<std::uint32_t>(bytes.size()), random.bits(round, 3 * edit + 2))];
      switch (below(4, random.bits(round, 3 * edit + 3))) {
        case 0:
          text[where] = byte;
          break;
        case 1:
          text.insert(where, 1, byte);
          break;
        case 2:
          text.erase(where, 1);
          break;
        default:
          text.resize(where);
          break;
      }
    }
    try {
      const ConfigNode root = parse_yaml(text, "fuzz.yaml");
      INFO(text << "\n---\n" << to_yaml(root));
      CHECK(same(parse_yaml(to_yaml(root), "again.yaml"), root));
      ++parsed;
    } catch (const ConfigError&) {
    }
  }
  CHECK(parsed > 100);
}
