#include "results/digest.hpp"

#include <functional>

#include "tests/catch.hpp"
#include "tests/unit/results/example_run.hpp"

namespace plimsoll {

TEST_CASE("the digest of a run is the same on every machine", "[results][digest]") {
  CHECK(digest(example_run(3000, 2000)) == "05041f69f15c52b25c866578e372bc46");
  CHECK(digest(RunFacts{}) == "e5189a9599e3f86205ea23ef06e28b2d");
}

TEST_CASE("the digest changes with every fact", "[results][digest]") {
  const RunFacts facts = example_run(3000, 2000);
  const std::vector<std::function<void(RunFacts&)>> changes = {
      [](RunFacts& f) { f.end_ns += 1; },
      [](RunFacts& f) { std::swap(f.pools[0], f.pools[1]); },
      [](RunFacts& f) { f.pools[1].name = "chat2"; },
      [](RunFacts& f) { f.pools[0].requests[2999].arrival_ns += 1; },
      [](RunFacts& f) { f.pools[0].requests[0].first_token_ns += 1; },
      [](RunFacts& f) { f.pools[0].requests[0].finish_ns += 1; },
      [](RunFacts& f) { f.pools[0].requests[0].prompt_tokens += 1; },
      [](RunFacts& f) { f.pools[0].requests[0].output_tokens += 1; },
      [](RunFacts& f) { f.pools[0].requests[0].replica += 1; },
      [](RunFacts& f) { f.pools[0].requests[0].preemptions ^= 1; },
      [](RunFacts& f) { f.pools[0].requests[0].status = RequestStatus::rejected; },
      [](RunFacts& f) { f.pools[0].requests[0].cached_tokens += 1; },
      [](RunFacts& f) { std::swap(f.pools[0].requests[1], f.pools[0].requests[2]); },
      [](RunFacts& f) { f.pools[0].requests.pop_back(); },
      [](RunFacts& f) { f.pools[0].itl_runs[1999].start_ticks += 1; },
      [](RunFacts& f) { f.pools[0].itl_runs[0].slope_ticks += 1; },
      [](RunFacts& f) { f.pools[0].itl_runs[0].count += 1; },
      [](RunFacts& f) { f.pools[0].itl_runs[0].sequences += 1; },
      [](RunFacts& f) { f.pools[0].itl_runs[0].replica += 1; },
      [](RunFacts& f) { f.pools[0].samples[6].busy_ns += 1; },
      [](RunFacts& f) { f.pools[0].samples[6].transferring += 1; },
      [](RunFacts& f) { f.pools[0].kv_transfers[0].to += 1; },
      [](RunFacts& f) { f.pools[0].kv_transfers[1].begin_ns += 1; },
      [](RunFacts& f) { f.pools[0].kv_transfers.pop_back(); },
      [](RunFacts& f) { f.pools[0].replica_facts[0].kv_peak_blocks += 1; },
      [](RunFacts& f) { f.pools[0].replica_facts[0].busy_ns[2] += 1; },
      [](RunFacts& f) { f.pools[0].replica_facts[1].busy_ns.push_back(0); },
      [](RunFacts& f) { f.pools[0].decisions_hash += 1; },
      [](RunFacts& f) { f.pools[0].view_changes_hash += 1; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    INFO("change " << i);
    RunFacts changed = facts;
    changes[i](changed);
    CHECK(digest(changed) != facts.digest);
  }
}

TEST_CASE("the digest is of facts alone", "[results][digest]") {
  RunFacts facts = example_run(10, 10);
  facts.scenario_yaml += "# a comment\n";
  facts.pools[0].price_usd_per_gpu_hour = 99;
  facts.digest.clear();
  CHECK(digest(facts) == example_run(10, 10).digest);
}

}  // namespace plimsoll
