// How a GPU can be partitioned (multi-instance GPU), as its catalogue file states it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config/fields.hpp"
#include "core/quantity.hpp"

namespace plimsoll {

/// One kind of partition.
struct MigProfile {
  std::string name;                  ///< "3g.40gb"
  std::int32_t compute = 1;          ///< compute slices that it takes, any of the GPU's
  std::int32_t memory = 1;           ///< memory slices that it takes, next to each other
  std::vector<std::int32_t> starts;  ///< memory slices that it may begin at
  Bytes capacity{};                  ///< what it offers

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("name", &MigProfile::name, "Its name, such as 3g.40gb.", required);
    visit("compute", &MigProfile::compute, "Compute slices that it takes.", required, 1, 64);
    visit("memory", &MigProfile::memory, "Memory slices that it takes.", required, 1, 64);
    visit("starts", &MigProfile::starts, "Memory slices that it may begin at.", required, 0, 63);
    visit("capacity", &MigProfile::capacity, "Memory that it offers.", required,
          Bytes{1'000'000'000}, Bytes{10'000'000'000'000});
  }
};

/// The `mig` of a GPU's file. Slices are the shared counters that profiles draw from.
struct MigSpec {
  std::int32_t compute_slices = 7;
  std::int32_t memory_slices = 8;
  std::vector<MigProfile> profiles;
  std::string source;

  template <class Visit>
  static void fields(Visit&& visit) {
    visit("compute_slices", &MigSpec::compute_slices, "Compute slices of the GPU.", required, 1,
          64);
    visit("memory_slices", &MigSpec::memory_slices, "Memory slices of the GPU.", required, 1, 64);
    visit("profiles", &MigSpec::profiles, "Kinds of partitions.", required);
    visit("source", &MigSpec::source, "Where slices and placements are from.", required);
  }
};

}  // namespace plimsoll
