#include "planner/validation/suite.hpp"

#include <array>

namespace plimsoll {
namespace {

constexpr std::array kSets{
    ValidationSet{"aic_silicon", "aic_silicon", validate_aic_silicon},
    ValidationSet{"vllm_requests", "vllm_requests", validate_vllm_requests},
    ValidationSet{"vllm_steps_h100", "vllm_steps_h100", validate_vllm_steps},
    ValidationSet{"fpm_b200_gptoss", "fpm_b200_gptoss", validate_forward_passes},
    ValidationSet{"ml_energy", "ml_energy", validate_ml_energy},
    ValidationSet{"pd_ratio_h200", "pd_ratio_h200", validate_pd_ratio},
    ValidationSet{"mlperf_inference", "mlperf_inference", validate_mlperf_inference},
    ValidationSet{"mlperf_training", "mlperf_training", validate_mlperf_training},
    ValidationSet{"splitwise_perf", "splitwise_perf", validate_splitwise_perf},
};

}  // namespace

std::span<const ValidationSet> validation_sets() { return kSets; }

}  // namespace plimsoll
