#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
#
# check_package.sh BUILD: installs a build to a folder of its own, and uses it from there as others would: by CMake,
# by pkg-config, with each header alone; looks at the names that the libraries define.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:?usage: check_package.sh BUILD}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
prefix=$place/prefix

cmake --install "$build" --prefix "$prefix" >"$place/log" || { cat "$place/log"; exit 1; }

cmake -S tests/package -B "$place/cmake" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)" >"$place/log" || { cat "$place/log"; exit 1; }
cmake --build "$place/cmake" >"$place/log" || { cat "$place/log"; exit 1; }
"$place/cmake/textures" >/dev/null
"$place/cmake/transfers"

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig:$prefix/lib64/pkgconfig:$prefix/lib/$(gcc -print-multiarch)/pkgconfig
# The prefix was chosen at installation.
flags=$(pkg-config --define-variable=prefix="$prefix" --cflags --libs forge3d)
# shellcheck disable=SC2086  # several words
${CXX:-c++} -std=c++20 tests/package/transfers.cpp -o "$place/transfers" $flags
"$place/transfers"

# What the documents say about building with it: their cmake, pkg-config and shader blocks.
python3 scripts/check_docs.py package "$prefix"

# Whatever is defined for others to see is in our namespace, or volk's.
foreign=$(find "$prefix" -name 'libforge3d_*.a' -exec nm -C -g --defined-only {} + |
  awk '$2 ~ /^[TDBRC]$/ { $1 = $2 = ""; sub(/^ +/, ""); print }' |
  grep -vE '^((non-virtual thunk to |guard variable for |vtable for |typeinfo (name )?for )?forge3d::|v[ko])' || true)
if [ -n "$foreign" ]; then
  printf 'names outside of namespace forge3d:\n%s\n' "$foreign" >&2
  exit 1
fi
