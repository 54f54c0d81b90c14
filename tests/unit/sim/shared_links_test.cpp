#include "sim/shared_links.hpp"

#include <map>

#include "tests/catch.hpp"

using namespace plimsoll;

namespace {

constexpr BytesPerSecond kGigabytePerSecond{1e9};  // 1 byte per ns

/// Runs flows {begin ns, sender, receiver, bytes}, which begin in order, to the end: when each ended.
struct Planned {
  std::int64_t begin_ns;
  std::uint32_t sender;
  std::uint32_t receiver;
  std::int64_t bytes;
};
std::map<std::uint32_t, std::int64_t> ends_of(const std::vector<Planned>& plan) {
  SharedLinks links(4, 4, kGigabytePerSecond);
  std::map<std::uint32_t, std::int64_t> ends;
  std::uint32_t next = 0;
  while (next < plan.size() || links.flows() > 0) {
    const SimTime begin = next < plan.size() ? at_ns(plan[next].begin_ns) : kNever;
    if (links.next_end() <= begin) {
      const SimTime end = links.next_end();
      links.end_at(end, [&](std::uint32_t id) { ends[id] = to_ns(end); });
    } else {
      const Planned& flow = plan[next];
      links.begin(begin, next++, flow.sender, flow.receiver, Bytes{flow.bytes});
    }
  }
  return ends;
}

}  // namespace

TEST_CASE("a flow alone takes its bytes over the bandwidth, rounded up", "[sim][kv_transfer]") {
  CHECK(ends_of({{100, 0, 0, 5000}})[0] == 5100);
  SharedLinks links(1, 1, BytesPerSecond{3e9});
  links.begin(at_ns(0), 7, 0, 0, Bytes{1000});
  CHECK(links.next_end() == at_ns(334));
}

TEST_CASE("flows of one sender share its link, and so do flows to one receiver",
          "[sim][kv_transfer]") {
  auto ends = ends_of({{0, 0, 0, 1000}, {0, 0, 1, 1000}});
  CHECK(ends[0] == 2000);
  CHECK(ends[1] == 2000);
  ends = ends_of({{0, 0, 0, 1000}, {0, 1, 0, 1000}});
  CHECK(ends[0] == 2000);
  CHECK(ends[1] == 2000);
  ends = ends_of({{0, 0, 0, 1000}, {0, 1, 1, 1000}});
  CHECK(ends[0] == 1000);
  CHECK(ends[1] == 1000);
}

TEST_CASE("a flow that begins slows the others, and one that ends gives its share back",
          "[sim][kv_transfer]") {
  // 400 bytes alone, then two at half the rate until the shorter one, of 300 bytes, has ended at 1000.
  const auto ends = ends_of({{0, 0, 0, 1000}, {400, 0, 1, 300}});
  CHECK(ends.at(1) == 1000);
  CHECK(ends.at(0) == 1300);
}

TEST_CASE("a flow goes at the lesser of its two shares", "[sim][kv_transfer]") {
  // Three leave sender 0, one of them to receiver 1, where another flow arrives from sender 1: a third and a half.
  const auto ends = ends_of({{0, 0, 0, 1000}, {0, 0, 1, 1000}, {0, 0, 2, 1000}, {0, 1, 1, 1000}});
  CHECK(ends.at(3) == 2000);
  CHECK(ends.at(0) == 3000);
  CHECK(ends.at(1) == 3000);
}

TEST_CASE("n equal flows take n times as long as one, whatever n is", "[sim][kv_transfer][law]") {
  for (std::uint32_t n = 1; n <= 50; ++n) {
    std::vector<Planned> plan;
    for (std::uint32_t i = 0; i < n; ++i) plan.push_back({0, 2, i % 4, 1'000'000});
    for (const auto& [id, end] : ends_of(plan)) {
      INFO("flow " << id << " of " << n);
      CHECK(std::abs(end - std::int64_t{1'000'000} * n) <= 1);
    }
  }
}
