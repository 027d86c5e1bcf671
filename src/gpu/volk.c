// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
// The one place where volk's loader is compiled.
#define VOLK_IMPLEMENTATION
#include <volk.h>
