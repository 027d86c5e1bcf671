#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
#
# Quick development of the Python package: a virtual environment in build/venv, the extension in
# build/python/package/forge3d beside links to python/forge3d. `pip install .` is for users.
#   scripts/build-python.sh           builds; then: build/venv/bin/python -m pytest
#   scripts/build-python.sh stubs     builds, then rewrites python/forge3d/_core.pyi
set -euo pipefail
cd "$(dirname "$0")/.."
venv=build/venv
package=build/python/package
if [ ! -x $venv/bin/mypy ]; then
  python3 -m venv $venv
  $venv/bin/pip install --quiet --disable-pip-version-check numpy nanobind scikit-build-core pytest mypy
fi
scripts/build.sh python forge3d_python
for file in python/forge3d/*; do
  [ "$(basename "$file")" = __pycache__ ] || ln -sfn "$PWD/$file" "$package/forge3d/"
done
site=$($venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$PWD/$package" >"$site/forge3d-development.pth"
if [ "${1:-}" = stubs ]; then
  $venv/bin/python scripts/make_stubs.py python/forge3d/_core.pyi
fi
