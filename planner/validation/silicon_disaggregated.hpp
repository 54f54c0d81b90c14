// The disaggregated rows of aic_silicon that say how many workers there were: a figure of their own, without anchors.
#pragma once

#include <filesystem>
#include <vector>

#include "planner/validation/silicon_rows.hpp"
#include "planner/validation/suite.hpp"

namespace plimsoll {

/// One run on prefill and decode workers.
struct SiliconSplit {
  SiliconRow
      run;  ///< `parallelism` is that of a decode worker; as many clients as the decode batches hold
  Parallelism prefill;
  std::int32_t prefill_workers = 0;
  std::int32_t decode_workers = 0;
};

/// Rows with worker counts. Throws ConfigError with file, line and column.
std::vector<SiliconSplit> read_silicon_splits(const std::filesystem::path& folder);

/// Their TPOT and TTFT as "disaggregated_tpot_ms" and "disaggregated_ttft_ms".
std::vector<Prediction> predict_splits(const std::vector<SiliconSplit>& splits,
                                       ValidationContext& context);

}  // namespace plimsoll
