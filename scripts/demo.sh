#!/usr/bin/env bash
# Installs what is needed, builds the program, and runs the example scenario; arguments go on to `plimsoll run`.
# PLIMSOLL_PRESET chooses another CMake preset than release.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${PLIMSOLL_PRESET:-release}

scripts/setup.sh
cmake --preset "$preset" --log-level=WARNING
cmake --build --preset "$preset" --target plimsoll
"build/$preset/plimsoll" run examples/chat-70b.yaml "$@"
