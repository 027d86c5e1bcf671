// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// stream_copy: memcpy past the caches.

#include <cstddef>

namespace forge3d {

/// Copies bytes that this processor will not read again: with non-temporal stores where there are
/// some, so that the target is neither read first nor pushes anything out of a cache. The stores
/// are ordered before everything the caller does next. Ranges must not overlap. Source: Intel 64
/// and IA-32 Architectures Optimization Reference Manual, "Non-temporal store".
void stream_copy(std::byte* target, const std::byte* source, std::size_t size_bytes);

/// Puts bytes out of all caches, where the processor can be told to; what is measured afterwards
/// meets them as it meets data that was made a while ago.
void evict_from_caches(const std::byte* bytes, std::size_t size_bytes);

}  // namespace forge3d
