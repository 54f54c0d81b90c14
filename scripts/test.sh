#!/usr/bin/env bash
# Installs what is needed, builds everything, and runs all tests; arguments go on to ctest.
# PLIMSOLL_PRESET chooses another CMake preset than release: `ci` makes warnings errors.
# Tests on measured data run when $PLIMSOLL_DATA names its folder and say that they were skipped otherwise.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${PLIMSOLL_PRESET:-release}

scripts/setup.sh
cmake --preset "$preset" --log-level=WARNING
cmake --build --preset "$preset"
ctest --preset "$preset" --parallel "$(nproc)" "$@"
