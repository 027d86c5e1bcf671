#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
#
# Prints the path of a 5400 x 2500 map of the Earth: geomap.jpg of Debian's kstars-data package, taken out of the package
# without installing it and kept in .cache.
set -euo pipefail
cd "$(dirname "$0")/.."
picture=.cache/earth.jpg
if [ ! -s "$picture" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  if ! (cd "$work" && apt-get -qq download kstars-data >/dev/null 2>&1); then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get -qq update
    chmod 777 "$work"
    (cd "$work" && apt-get -qq download kstars-data >/dev/null)
  fi
  dpkg-deb -x "$work"/kstars-data_*.deb "$work/tree"
  found=$(find "$work/tree" -name geomap.jpg | head -n 1)
  [ -n "$found" ] || { echo "forge3d: kstars-data holds no geomap.jpg" >&2; exit 1; }
  mkdir -p .cache
  mv "$found" "$picture"
fi
echo "$picture"
