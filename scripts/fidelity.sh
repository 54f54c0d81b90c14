#!/usr/bin/env bash
# Runs the validation sets and makes docs/fidelity.md and its plots from what they show. Needs $PLIMSOLL_DATA; builds
# the program first. PLIMSOLL_PRESET chooses another CMake preset than release. Fails where a figure has become worse.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${PLIMSOLL_PRESET:-release}
: "${PLIMSOLL_DATA:?names the folder of measurements to compare with}"

as_root() {
  if [[ "$(id -u)" == 0 ]]; then "$@"; else sudo "$@"; fi
}

# Debian's matplotlib belongs to Debian's python3, whichever python3 comes first in the path.
python=/usr/bin/python3
if ! "$python" -c 'import matplotlib' 2>/dev/null; then
  echo "fidelity: installing python3-matplotlib" >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends python3-matplotlib
fi

scripts/setup.sh
cmake --preset "$preset" --log-level=WARNING
cmake --build --preset "$preset" --target plimsoll
results=$(mktemp)
trap 'rm -f "$results"' EXIT
status=0
"build/$preset/plimsoll" validate serving --json >"$results" || status=$?
if ((status > 1)); then exit "$status"; fi  # 1: a figure regressed; the page shows which
"$python" -B scripts/fidelity_page.py "$results" docs
exit "$status"
