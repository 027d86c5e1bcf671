#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
#
# Runs one test program, with the Vulkan driver preloaded where check.sh asks for it.
if [ -n "${FORGE3D_TEST_PRELOAD:-}" ]; then
  exec env LD_PRELOAD="$FORGE3D_TEST_PRELOAD" "$@"
fi
exec "$@"
