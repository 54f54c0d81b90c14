// A pool advanced window by window: route the window's requests from what the gateway can know, then let each replica
// run its own short loop. Exact, not approximate: within a window nothing that a replica does can reach the gateway in
// time to change a route, so staleness is the lookahead.
//
// The window ends at the earliest of: the first landing of a scrape that is not yet taken (policies that read scraped
// columns), one response latency ahead (policies that count responses), the caller's end. Replicas are dealt to
// chunks that run in parallel; each chunk has its own mailbox, and the gateway reads from a dense board.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/pool.hpp"

namespace plimsoll {

class PoolWindows {
 public:
  /// What bounds the windows of a pool.
  enum class Edge : std::uint8_t { caller, sensor_landing, response };

  explicit PoolWindows(std::uint32_t chunks = 1) : chunks_(chunks) {}

  /// Whether windows are worth having: fresh sensors leave none. A pool with decode replicas runs serially too: each
  /// hand-over goes by way of the gateway and links that its replicas share, within a latency that is no lookahead.
  static bool possible(const Pool& pool) {
    return !pool.setup().gateway.fresh_sensors && !pool.setup().decode;
  }
  static Edge edge(const Pool& pool);
  /// The usual length of a window; zero when only the caller bounds it.
  static Duration length(const Pool& pool);

  /// Responses on their way to the gateway, in key order: for a kernel that takes over, or from one that hands over.
  std::vector<Event> take_responses() { return std::exchange(responses_, {}); }
  void give_responses(std::vector<Event> responses) { responses_ = std::move(responses); }

  /// Handles everything in [now, end). `run_chunks()` calls run_chunk(pool, i) for each i below items(), in any order,
  /// at once or not.
  template <class RunChunks>
  void advance(Pool& pool, SimTime now, SimTime end, RunChunks&& run_chunks) {
    deal(pool);
    while (now < end) {
      to_ = window_end(pool, now, end);
      route(pool);
      run_chunks();
      gather_responses();
      now = to_;
      ++windows_;
    }
  }
  /// The replicas of one chunk, up to the window's end; the item after the last chunk makes arrivals for the next.
  void run_chunk(Pool& pool, std::uint32_t chunk);

  void use_chunks(std::uint32_t chunks) { chunks_ = chunks; }
  std::uint32_t chunks() const { return chunks_; }
  std::uint32_t items() const { return chunks_ + 1; }
  std::uint64_t windows() const { return windows_; }

 private:
  struct Mail {
    std::uint32_t row;
    Dispatch dispatch;
  };
  /// What one thread works on; aligned so that two never share a cache line.
  struct alignas(128) Chunk {
    std::uint32_t first_row = 0;
    std::uint32_t end_row = 0;
    std::vector<Mail> mail;
    std::vector<Event> responses;
    Outbox outbox;
  };

  static SimTime window_end(const Pool& pool, SimTime now, SimTime end);
  void deal(const Pool& pool);
  void route(Pool& pool);
  void run_replica(Pool& pool, std::uint32_t row, Chunk& chunk) const;
  static void run_before(Slot<Replica>& slot, SimTime to, Chunk& chunk);
  void gather_responses();

  std::uint32_t chunks_;
  SimTime to_{};  ///< end of the current window
  std::vector<Chunk> work_;
  std::uint32_t rows_per_chunk_ = 1;
  std::size_t routed_ = 0;         ///< requests of the window
  std::int64_t first_scrape_ = 0;  ///< scrapes of the window: [first, end)
  std::int64_t end_scrape_ = 0;
  std::vector<Event> responses_;  ///< in key order, from `next_response_` on
  std::size_t next_response_ = 0;
  std::uint64_t windows_ = 0;
};

}  // namespace plimsoll
