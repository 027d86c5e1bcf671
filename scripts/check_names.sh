#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
#
# clang-tidy's naming rules (.clang-tidy) over src and cli.
set -euo pipefail
tidy=$(command -v clang-tidy-14 || command -v clang-tidy)
git ls-files 'src/*.cpp' 'cli/*.cpp' | xargs -P 2 -n 4 "$tidy" -p build/asan --quiet 2>/dev/null
