// A recording of what a policy saw and decided: JSON lines, the one format of `--dump-views`, of replay and of
// recordings of a live watch. Text, so that equal decisions are equal bytes.
//
//   {"kind":"begin","pool":...,"policy":...,"settings":...,"seed":...,"instance":...,"replicas":[...]}   once, first
//   {"kind":"change","pool":...,"time_ns":...,"replica":...,<the row after the change>}
//   {"kind":"decision","pool":...,"time_ns":...,"request":...,"prompt_tokens":...,"replica":...}
//
// Lines of one pool are in the order in which its gateway saw and decided; pools may interleave.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policies/cluster_view.hpp"
#include "policies/routing_policy.hpp"

namespace plimsoll {

/// The first line of a pool: which policy runs, and where its random draws come from.
struct RecordingBegin {
  std::string pool;
  std::string policy;
  std::string settings;  ///< of the policy, as YAML; empty for none
  std::uint64_t seed = 0;
  std::string instance;
  std::vector<std::string> replicas;
};

/// Each appends one line to `text`.
void write_begin(std::string& text, const RecordingBegin& begin);
void write_change(std::string& text, std::string_view pool, SimTime time, std::string_view replica,
                  const ReplicaRow& row);
void write_decision(std::string& text, std::string_view pool, const RequestView& request,
                    std::string_view replica);

/// Receives the lines of a recording.
class RecordingVisitor {
 public:
  virtual ~RecordingVisitor() = default;
  virtual void begin(const RecordingBegin& begin) = 0;
  virtual void change(std::string_view pool, std::string_view replica, const ReplicaRow& row) = 0;
  virtual void decision(std::string_view pool, const RequestView& request) = 0;
};

/// Reads one line; `source` and `line` say where a fault is. Throws ConfigError.
void read_recording_line(std::string_view text, const std::string& source, int line,
                         RecordingVisitor& visitor);

}  // namespace plimsoll
