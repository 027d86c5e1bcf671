#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
#
# Installs the Debian or Ubuntu packages that are missing. usage: install-dependencies.sh build|test
# As root or with sudo; silent and quick when nothing is missing.
set -euo pipefail

build=(g++ cmake ninja-build ccache pkg-config ca-certificates
  libvulkan1 libvulkan-dev libvulkan-volk-dev mesa-vulkan-drivers glslc
  libexpected-dev libfmt-dev nlohmann-json3-dev libcli11-dev
  libhwy-dev libzstd-dev libdeflate-dev libpng-dev libjpeg-dev libtiff-dev libwebp-dev)
test=(git libgtest-dev libgmock-dev vulkan-validationlayers clang libclang-rt-dev llvm
  clang-format-14 clang-tidy-14 universal-ctags libsquish-dev libastcenc-dev python3 python3-dev python3-venv)

wanted=("${build[@]}")
[ "${1:-build}" = test ] && wanted+=("${test[@]}")
missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "forge3d: these packages are missing and there is no sudo: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "forge3d: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -qq update
"${as_root[@]}" apt-get -qq -y --no-install-recommends install "${missing[@]}" >/dev/null
