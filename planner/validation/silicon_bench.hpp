// A row of the aic_silicon set as a trial: which deployment, which requests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/calibration/anchor_fit.hpp"
#include "planner/validation/deployer.hpp"
#include "planner/validation/recipes.hpp"
#include "planner/validation/silicon_rows.hpp"

namespace plimsoll {

/// The requests of the row's benchmark: ten per client, all clients starting at once.
std::vector<TrialRequest> bench_requests(const SiliconRow& row);

/// The engine profile nearest to a version such as "0.19.0" or "1.2.0rc6.post2"; where the row states none, to the one
/// of its time (autumn 2025); never to one before `least_version` ("": any). nullopt: the catalogue has no profile of
/// that engine.
std::optional<std::string> nearest_engine(const std::vector<std::string>& profiles,
                                          const std::string& engine, const std::string& version,
                                          const std::string& least_version = "");

/// The format of weights that a row's quant modes and model stand for.
std::string dtype_of(const SiliconRow& row, const ModelSpec& model);

}  // namespace plimsoll
