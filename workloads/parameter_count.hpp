// How many parameters a model has, and how many of them one token passes through.
#pragma once

#include <cstdint>

#include "workloads/model_spec.hpp"

namespace plimsoll {

struct ParameterCount {
  std::int64_t total = 0;
  std::int64_t experts = 0;  ///< of the total: all routed experts
  /// Without the experts that a token is not routed to, and without the embedding table, of which it reads one row,
  /// unless that is the head's too. Publishers differ in whether they count the table.
  std::int64_t active = 0;
};

ParameterCount parameter_count(const ModelSpec& model);

}  // namespace plimsoll
