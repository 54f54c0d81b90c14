#!/bin/sh
# Fits the shipped calibrations again, from the measured data in $PLIMSOLL_DATA (see the sources named in the files).
# Usage: PLIMSOLL_DATA=DIR scripts/calibrate_all.sh [PROGRAM], from the project's root; about 15 s of CPU time per GPU.
set -eu
program=${1:-build/plimsoll}
data=${PLIMSOLL_DATA:?is not set: the folder of the measured data}
kernels="aic_kernels=ai-dynamo/aiconfigurator@095f58a, Apache-2.0"
profiles="vllm_profiles_rtx=casys-kaist/LLMServingSim@5daddb2, MIT"
power="ml_energy=ml-energy/leaderboard@0cd52dab897c, no licence file: coefficients only"

# calibrate GPU OPTIONS MEASUREMENTS...: --system is a name of the GPU in the measurements.
calibrate() {
  gpu=$1
  shift
  set -- "$@" --origin "$kernels" --origin "$profiles" --origin "$power" \
    --gpu "$gpu" --out "workloads/catalog/calibrations/$gpu.yaml"
  echo "== $gpu"
  "$program" calibrate operators "$@"
}

calibrate nvidia_a100_sxm_80gb --system a100_sxm "$data/aic_kernels"
calibrate nvidia_h100_sxm --system h100_sxm --system H100 "$data/aic_kernels" "$data/ml_energy"
calibrate nvidia_h200_sxm --system h200_sxm "$data/aic_kernels"
calibrate nvidia_b200_sxm --system b200_sxm --system B200 "$data/aic_kernels" "$data/ml_energy"
calibrate nvidia_gb200 --system gb200 "$data/aic_kernels"
calibrate nvidia_rtx_pro_6000 --system rtx_pro_6000_server --system RTXPRO6000 \
  "$data/aic_kernels" "$data/vllm_profiles_rtx"
calibrate nvidia_rtx_4090 --system RTX4090 "$data/vllm_profiles_rtx"
