#include "sim/pool_engine.hpp"

#include <fmt/format.h>

#include <vector>

namespace plimsoll {
namespace {

/// Below this much work a window is not worth opening: looking at every replica costs more than the serial loop does.
constexpr double kWorthAWindow = 1e-6;
/// Below this much it is not worth sharing: a hand-over between cores costs about a microsecond.
constexpr double kWorthSharing = 10e-6;

}  // namespace

Duration PoolEngine::probe_length(Duration whole) const {
  constexpr int kWindows = 20;
  const Duration window = PoolWindows::length(pool());
  return window.count() == 0 ? whole / kWindows + Duration{1} : window * kWindows;
}

void PoolEngine::choose(unsigned threads) {
  EngineLevel level = wanted_;
  if (!PoolWindows::possible(pool())) {
    level = EngineLevel::serial;
  } else if (wanted_ == EngineLevel::automatic) {
    const bool unknown = window_worth_s_ < 0;
    if (!unknown && window_worth_s_ < kWorthAWindow) {
      level = EngineLevel::serial;
    } else {
      level = !unknown && threads > 1 && window_worth_s_ >= kWorthSharing ? EngineLevel::parallel
                                                                          : EngineLevel::window;
    }
  }
  take_over(level);
  windows_.use_chunks(level == EngineLevel::parallel ? 2 * threads : 1);
}

/// Hands what is pending from one engine to the other. The entities stay as they are.
void PoolEngine::take_over(EngineLevel level) {
  if (level == EngineLevel::serial && level_ != EngineLevel::serial) {
    std::vector<Event> pending = windows_.take_responses();
    pool().each_pending(pending);
    for (const Event& event : pending) partition_.receive(event);
  } else if (level != EngineLevel::serial && level_ == EngineLevel::serial) {
    std::vector<Event> responses;
    partition_.hand_over([&](const Event& event) {
      if (event.target == pool().setup().gateway_id()) responses.push_back(event);
    });
    windows_.give_responses(std::move(responses));
  }
  level_ = level;
}

void PoolEngine::measure(double wall_s, Duration simulated, std::uint64_t windows) {
  if (!PoolWindows::possible(pool())) return;
  auto opened = static_cast<double>(windows);
  if (level_ == EngineLevel::serial) {
    const Duration length = PoolWindows::length(pool());
    opened = length.count() == 0 ? 1.0 : to_seconds(simulated) / to_seconds(length);
  }
  const double work = level_ == EngineLevel::parallel ? wall_s * windows_.chunks() : wall_s;
  window_worth_s_ = work / std::max(opened, 1.0);
}

EngineReport PoolEngine::report() const {
  EngineReport report;
  report.pool = pool().setup().constants.name;
  report.window_s = to_seconds(PoolWindows::length(pool()));
  report.windows = windows_.windows();
  report.events = pool().iterations();
  switch (PoolWindows::edge(pool())) {
    case PoolWindows::Edge::caller:
      report.binding_edge = "observation tick";
      break;
    case PoolWindows::Edge::sensor_landing:
      report.binding_edge = "sensor landing";
      break;
    case PoolWindows::Edge::response:
      report.binding_edge = "response";
      break;
  }
  if (pool().setup().gateway.fresh_sensors) report.binding_edge = "fresh sensors";
  if (pool().setup().decode) report.binding_edge = "prefill-to-decode hand-over";
  switch (level_) {
    case EngineLevel::parallel:
      report.level = fmt::format("windows, {} threads", windows_.chunks());
      break;
    case EngineLevel::window:
      report.level = "windows";
      break;
    default:
      report.level = "serial";
      break;
  }
  return report;
}

}  // namespace plimsoll
