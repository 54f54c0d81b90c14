#include "planner/validation/anchor_choice.hpp"

#include "tests/catch.hpp"

namespace plimsoll {

TEST_CASE("anchors are a light run that decodes and a heavy one that prefills", "[validation]") {
  std::vector<BenchLoad> loads;
  for (const auto& [prompt, output] : {std::pair{8192, 1024}, {1024, 1024}, {1024, 8192}})
    for (const std::int32_t clients : {4, 8, 16, 32, 64})
      loads.push_back({prompt, output, clients});
  const auto chosen = choose_anchors(loads);
  REQUIRE(chosen.size() == 2);
  const BenchLoad& light = loads[chosen[0]];
  const BenchLoad& heavy = loads[chosen[1]];
  CHECK(light.prompt_tokens <= light.output_tokens);
  CHECK(heavy.prompt_tokens >= heavy.output_tokens);
  CHECK(light.clients < heavy.clients);
  const bool heaviest = heavy.prompt_tokens == 8192 && heavy.clients == 64;
  CHECK_FALSE(heaviest);  // it may be beyond what the KV cache holds
}

TEST_CASE("of fewer than three runs none is taken, of three two different ones", "[validation]") {
  CHECK(choose_anchors({{100, 100, 1}, {100, 100, 2}}).empty());
  const auto chosen = choose_anchors({{100, 100, 1}, {100, 100, 2}, {100, 100, 4}});
  REQUIRE(chosen.size() == 2);
  CHECK(chosen[0] != chosen[1]);
}

}  // namespace plimsoll
