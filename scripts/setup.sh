#!/usr/bin/env bash
# Installs the packages that Plimsoll is built from (Debian 12, Ubuntu 24.04 and newer). Quick when all are there.
set -euo pipefail

required=(
  g++ cmake ninja-build ccache pkg-config python3
  libboost-dev libboost-program-options-dev libtbb-dev libfmt-dev libyaml-cpp-dev nlohmann-json3-dev
  libhdf5-dev libzstd-dev libxxhash-dev libeigen3-dev libsimdjson-dev libpugixml-dev
  libqhull-dev coinor-libclp-dev
  catch2 libbenchmark-dev
)
optional=(clang-format-19 clang-tidy-19)  # scripts/lint.sh does without them where a release has none

not_installed() {
  local package
  for package in "$@"; do
    [[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] || echo "$package"
  done
}

as_root() {
  if [[ "$(id -u)" == 0 ]]; then "$@"; else sudo "$@"; fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

if ! command -v apt-get >/dev/null; then
  echo "setup: no apt-get here; install by hand what is missing of: ${required[*]}" >&2
  exit 0
fi

mapfile -t wanted < <(not_installed "${required[@]}")
if ((${#wanted[@]})); then apt_get update; fi
for package in $(not_installed "${optional[@]}"); do
  if apt-cache show "$package" >/dev/null 2>&1; then
    wanted+=("$package")
  else
    echo "setup: this release has no $package; scripts/lint.sh will leave that part out" >&2
  fi
done
if ((${#wanted[@]})); then
  echo "setup: installing ${wanted[*]}" >&2
  apt_get install -y --no-install-recommends "${wanted[@]}"
fi
