// From a resolved scenario to a run: deployments, workloads and policies, pool by pool.
#pragma once

#include <filesystem>
#include <vector>

#include "policies/registry.hpp"
#include "scenario/resolve.hpp"
#include "sim/simulation.hpp"

namespace plimsoll {

struct PlanOptions {
  std::vector<std::filesystem::path> catalogs;  ///< as catalog_roots gives them
  bool record_views = false;                    ///< keep what gateways see and decide
};

/// Reads traces and tables, looks up models, engines and calibrations. Throws one ConfigError with the faults of all
/// pools and with those in `faults`, which resolving the scenario had found.
RunPlan plan_run(const ResolvedScenario& resolved, const PolicyRegistry& registry,
                 const PlanOptions& options, std::vector<Fault> faults = {});

}  // namespace plimsoll
