#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
#
# The Python package as a user gets it: a fresh virtual environment, pip install, pytest, mypy. It is compiled as the
# preset `dev` is, so that ccache knows most of it after that, and with assertions on.
# usage: test-python.sh RESULTS    leaves RESULTS/python.xml; FORGE3D_LONG=1 takes a minute more
set -euo pipefail
cd "$(dirname "$0")/.."
results=$(realpath "$1")
venv=build/test-venv
rm -rf $venv
python3 -m venv $venv
begin=$SECONDS
CC=cc CXX=c++ CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CMAKE_CXX_COMPILER_LAUNCHER=ccache \
  $venv/bin/pip install --quiet --disable-pip-version-check '.[test]' \
  -C cmake.build-type=None -C cmake.define.CMAKE_CXX_FLAGS="-O2 -g1" -C cmake.define.FORGE3D_WERROR=ON
echo "python: pip install took $((SECONDS - begin)) s"
# Decoders that are not ours, for test_codecs_independent.py, which skips without them.
for package in texture2ddecoder imagecodecs; do
  $venv/bin/pip install --quiet --disable-pip-version-check $package ||
    echo "python: $package is out of reach: blocks are not compared with what it decodes"
done
$venv/bin/python -m mypy -p forge3d
for example in examples/*.py; do
  [ ! -e "$example" ] || MYPYPATH=examples $venv/bin/python -m mypy "$example"
done
$venv/bin/python -X faulthandler -m pytest --junitxml="$results/python.xml"
python3 scripts/check_docs.py python "$PWD/$venv/bin/python"
