#include "results/run_meta.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/unit/results/example_run.hpp"

namespace plimsoll {

TEST_CASE("run.meta.json holds what two equal runs do not share", "[results][run_meta]") {
  const TemporaryFolder folder;
  RunMeta meta;
  meta.command = {"plimsoll", "run", "chat.yaml"};
  meta.host = "a \"host\"";
  meta.threads = 8;
  meta.wall_s = 1.5;
  meta.inputs = {{"scenario", "chat.yaml"}, {"trace of chat", "not UTF-8: \xFF"}};
  meta.part_cpu_s = {{"simulation", 0.75}};
  meta.engine = {{"chat", "window", "sensor landing", 0.05, 72'000, 1'000'000}};
  write_meta(folder / "run.meta.json", meta);

  const auto back = nlohmann::json::parse(bytes_of(folder / "run.meta.json"));
  CHECK(back["command"][2] == "chat.yaml");
  CHECK(back["host"] == "a \"host\"");
  CHECK(back["threads"] == 8);
  CHECK(back["inputs"]["trace of chat"] == "not UTF-8: \xEF\xBF\xBD");
  CHECK(back["part_cpu_s"]["simulation"] == 0.75);
  CHECK(back["engine"][0]["binding_edge"] == "sensor landing");
  CHECK(back["engine"][0]["window_s"] == 0.05);
}

}  // namespace plimsoll
