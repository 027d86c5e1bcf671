#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
#
# Runs one test program, with the Vulkan driver preloaded where check.sh asks for it. Driver and validation layer keep
# caches of shaders in files; programs that run at once do not share them.
XDG_CACHE_HOME=$(dirname "$1")/../test-cache/$(basename "$1")
export XDG_CACHE_HOME
mkdir -p "$XDG_CACHE_HOME"
if [ -n "${FORGE3D_TEST_PRELOAD:-}" ]; then
  exec env LD_PRELOAD="$FORGE3D_TEST_PRELOAD" "$@"
fi
exec "$@"
