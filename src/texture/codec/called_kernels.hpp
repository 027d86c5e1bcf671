// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Included ahead of every source of the room in sanitizer builds: kernels call each other there,
// only Highway's own operations are expanded in place. With every check in every expansion a kernel
// takes minutes to compile.

#include <hwy/base.h>

#undef HWY_API
#define HWY_API static inline __attribute__((always_inline)) HWY_FLATTEN HWY_MAYBE_UNUSED
#undef HWY_INLINE
#define HWY_INLINE inline
