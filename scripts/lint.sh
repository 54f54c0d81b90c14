#!/usr/bin/env bash
# Checks layout (clang-format) and likely bugs (clang-tidy) of all C++ files, or with --changed only of those that
# differ from the last commit. Version 19 of both: others lay out differently or cannot parse this library of g++.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${PLIMSOLL_PRESET:-release}

files() {
  if [[ "${1:-}" == --changed ]]; then
    git diff --name-only --diff-filter=d HEAD -- '*.cpp' '*.hpp'
    git ls-files --others --exclude-standard -- '*.cpp' '*.hpp'
  else
    git ls-files --cached --others --exclude-standard --deduplicate -- '*.cpp' '*.hpp'
  fi
}

check_layout() {
  if ! command -v clang-format-19 >/dev/null; then
    echo "lint: clang-format-19 is not installed; layout is not checked" >&2
    return
  fi
  (($# == 0)) || clang-format-19 --dry-run -Werror "$@"
}

# Tests are left to the compiler's warnings: Catch2's macros take clang-tidy longer than all of the library.
check_bugs() {
  if ! command -v clang-tidy-19 >/dev/null; then
    echo "lint: clang-tidy-19 is not installed; bugs are not looked for" >&2
    return
  fi
  local sources=() file
  for file in "$@"; do
    if [[ "$file" == *.cpp && "$file" != tests/* && "$file" != bench/* ]]; then sources+=("$file"); fi
  done
  ((${#sources[@]})) || return 0
  cmake --preset "$preset" --log-level=WARNING >/dev/null
  printf '%s\0' "${sources[@]}" |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy-19 --quiet -p "build/$preset" 2> >(grep -vE '^[0-9]+ warnings?' >&2)
}

mapfile -t chosen < <(files "$@")
failed=0
check_layout "${chosen[@]}" || failed=1
check_bugs "${chosen[@]}" || failed=1
echo "lint: ${#chosen[@]} files"
exit "$failed"
