// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// FORGE3D_ALWAYS_INLINE: for the few paths of some ten nanoseconds, where saving registers around a
// call and handing structs over in memory cost as much as the work.

#if defined(_MSC_VER)
#define FORGE3D_ALWAYS_INLINE __forceinline
#define FORGE3D_NEVER_INLINE __declspec(noinline)
#else
#define FORGE3D_ALWAYS_INLINE inline __attribute__((always_inline))
#define FORGE3D_NEVER_INLINE __attribute__((noinline, cold))
#endif
