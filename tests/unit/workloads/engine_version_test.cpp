// Every backend and version of published measurements has an engine profile that ships.
#include "workloads/engine_version.hpp"

#include "hardware/catalog_paths.hpp"
#include "tests/catch.hpp"
#include "workloads/engine_profile.hpp"

using namespace plimsoll;

namespace {

EngineProfile shipped_profile(const std::string& name) {
  return read_engine(
      CatalogFolder("engines", "engine profile", catalog_roots({}, ".")).find(name, {}));
}

}  // namespace

TEST_CASE("a version takes the profile of its generation", "[catalog]") {
  CHECK(engine_profile_for("vllm", "0.6.5") == "vllm-0.6");
  CHECK(engine_profile_for("vllm", "0.7.3") == "vllm-0.6");
  CHECK(engine_profile_for("vllm", "0.8.0") == "vllm-0.15");
  CHECK(engine_profile_for("vllm", "0.17.0") == "vllm-0.15");
  CHECK(engine_profile_for("vllm", "0.18.0") == "vllm-0.19");
  CHECK(engine_profile_for("vllm", "v0.19") == "vllm-0.19");
  CHECK(engine_profile_for("vllm", "0.24.1rc2") == "vllm-0.24");
  CHECK(engine_profile_for("vllm", "1.0.0") == "vllm-0.24");
  CHECK(engine_profile_for("sglang", "0.5.6.post2") == "sglang-0.5");
  CHECK(engine_profile_for("sglang", "glm5-hopper") == "sglang-0.5");
  CHECK(engine_profile_for("trtllm", "0.8.1.post1") == "tensorrt-llm-1");
  CHECK(engine_profile_for("tensorrt-llm", "1.2.0rc6.post3") == "tensorrt-llm-1");
}

TEST_CASE("a version without a number takes vLLM's most measured profile", "[catalog]") {
  for (const char* version : {"", "nightly-5b8c30d62b754b57", "0", "0.", "main"})
    CHECK(engine_profile_for("vllm", version) == "vllm-0.15");
}

TEST_CASE("a backend without a profile has none", "[catalog]") {
  CHECK_FALSE(engine_profile_for("llama.cpp", "1.0"));
  CHECK_FALSE(engine_profile_for("", ""));
}

TEST_CASE("every profile that a version can take ships", "[catalog]") {
  for (const char* version : {"0.6", "0.15", "0.19", "0.24"}) {
    const EngineProfile profile = shipped_profile(*engine_profile_for("vllm", version));
    CHECK(profile.name == std::string("vllm-") + version);
    CHECK(profile.scheduler ==
          (profile.name == "vllm-0.6" ? SchedulerKind::prefill_first : SchedulerKind::mixed));
  }
  CHECK(shipped_profile(*engine_profile_for("sglang", "0.5")).scheduler ==
        SchedulerKind::prefill_first);
  CHECK(shipped_profile(*engine_profile_for("trtllm", "1.2")).block_size == 32);
}
