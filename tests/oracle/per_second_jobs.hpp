// A job simulator that shares nothing with the engine: it ticks every second, counts free GPUs per node in plain
// integers, and sorts its queue from scratch each time. For first in first out, shortest first, and shortest remaining.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tests/oracle/plain_jobs.hpp"

namespace plimsoll::oracle {

enum class TickPolicy { fifo, sjf, srtf };

struct TickedJob {
  std::int64_t start_s = -1;
  std::int64_t end_s = -1;
  int preemptions = 0;
};

class PerSecondJobs {
 public:
  PerSecondJobs(std::vector<PlainJob> jobs, int nodes, int gpus_per_node, TickPolicy policy)
      : jobs_(std::move(jobs)),
        free_(static_cast<std::size_t>(nodes), gpus_per_node),
        per_node_(gpus_per_node),
        policy_(policy),
        states_(jobs_.size()) {}

  std::vector<TickedJob> run() {
    std::size_t ended = 0;
    for (std::int64_t now = 0; ended < jobs_.size(); ++now) {
      for (State& state : states_) {
        if (!state.running) continue;
        if (--state.left > 0) continue;
        release(state);
        state.ended = true;
        state.told.end_s = now;
        ++ended;
      }
      for (std::size_t job = 0; job < jobs_.size(); ++job) {
        if (jobs_[job].submitted_s != now) continue;
        states_[job].waiting = true;
        states_[job].left = jobs_[job].duration_s;
        states_[job].stamp = ++stamps_;
      }
      if (policy_ == TickPolicy::srtf) {
        preempt(now);
      } else {
        in_order(now);
      }
    }
    std::vector<TickedJob> told;
    for (const State& state : states_) told.push_back(state.told);
    return told;
  }

 private:
  struct State {
    bool waiting = false;
    bool running = false;
    bool ended = false;
    std::int64_t left = 0;
    std::int64_t stamp = 0;
    std::vector<std::pair<std::size_t, int>> held;
    TickedJob told;
  };

  std::vector<std::size_t> where(bool State::* flag) const {
    std::vector<std::size_t> found;
    for (std::size_t job = 0; job < states_.size(); ++job) {
      if (states_[job].*flag) found.push_back(job);
    }
    return found;
  }

  /// The node with fewest free GPUs that has `gpus`; whole nodes first where more are asked for.
  bool fit(std::size_t job) {
    State& state = states_[job];
    int wanted = jobs_[job].gpus;
    while (wanted > 0) {
      const int part = std::min(wanted, per_node_);
      std::size_t best = free_.size();
      for (std::size_t node = 0; node < free_.size(); ++node) {
        if (free_[node] >= part && (best == free_.size() || free_[node] < free_[best])) best = node;
      }
      if (best == free_.size()) {
        release(state);
        return false;
      }
      free_[best] -= part;
      state.held.emplace_back(best, part);
      wanted -= part;
    }
    return true;
  }
  void release(State& state) {
    for (const auto& [node, gpus] : state.held) free_[node] += gpus;
    state.held.clear();
    state.running = false;
  }
  bool try_start(std::size_t job, std::int64_t now) {
    if (!fit(job)) return false;
    State& state = states_[job];
    state.waiting = false;
    state.running = true;
    state.stamp = ++stamps_;
    if (state.told.start_s < 0) state.told.start_s = now;
    return true;
  }

  void in_order(std::int64_t now) {
    std::vector<std::size_t> queue = where(&State::waiting);
    std::sort(queue.begin(), queue.end(), [&](std::size_t a, std::size_t b) {
      if (policy_ == TickPolicy::sjf && jobs_[a].duration_s != jobs_[b].duration_s) {
        return jobs_[a].duration_s < jobs_[b].duration_s;
      }
      return states_[a].stamp < states_[b].stamp;
    });
    for (const std::size_t job : queue) {
      if (!try_start(job, now)) return;
    }
  }

  void preempt(std::int64_t now) {
    std::vector<std::size_t> all = where(&State::waiting);
    for (const std::size_t job : where(&State::running)) all.push_back(job);
    std::sort(all.begin(), all.end(), [&](std::size_t a, std::size_t b) {
      const State& one = states_[a];
      const State& other = states_[b];
      if (one.left != other.left) return one.left < other.left;
      if (one.running != other.running) return one.running;
      return one.stamp < other.stamp;
    });
    int quota = per_node_ * static_cast<int>(free_.size());
    std::vector<std::size_t> starting;
    for (const std::size_t job : all) {
      if (jobs_[job].gpus <= quota) {
        quota -= jobs_[job].gpus;
        if (states_[job].waiting) starting.push_back(job);
      } else if (states_[job].running) {
        release(states_[job]);
        states_[job].waiting = true;
        states_[job].stamp = ++stamps_;
        ++states_[job].told.preemptions;
      }
    }
    for (const std::size_t job : starting) try_start(job, now);
  }

  std::vector<PlainJob> jobs_;
  std::vector<int> free_;
  int per_node_;
  TickPolicy policy_;
  std::vector<State> states_;
  std::int64_t stamps_ = 0;
};

}  // namespace plimsoll::oracle
