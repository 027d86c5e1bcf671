// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/stream_copy.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#define FORGE3D_STREAM_STORES 1
#else
#define FORGE3D_STREAM_STORES 0
#endif

namespace forge3d {

#if FORGE3D_STREAM_STORES

// SSE2 is enough: whole lines leave the write-combining buffers whatever the width of a store.
void stream_copy(std::byte* target, const std::byte* source, std::size_t size_bytes) {
  constexpr std::size_t kLine = 64;
  const std::size_t head =
      std::min(size_bytes, (kLine - reinterpret_cast<std::uintptr_t>(target) % kLine) % kLine);
  std::memcpy(target, source, head);
  target += head;
  source += head;
  size_bytes -= head;
  // Hardware prefetchers stop at the end of a page; asking for the next page's line while this one
  // is copied hides that, and asking for it in the second level leaves the few line fill buffers of
  // the first to loads and stores. Prefetching beyond the end is harmless.
  constexpr std::size_t kAheadBytes = 4096;
  const std::size_t lines = size_bytes / kLine;
  for (std::size_t i = 0; i < lines; ++i, target += kLine, source += kLine) {
    _mm_prefetch(reinterpret_cast<const char*>(source) + kAheadBytes, _MM_HINT_T1);
    const auto* from = reinterpret_cast<const __m128i*>(source);
    auto* to = reinterpret_cast<__m128i*>(target);
    const __m128i a = _mm_loadu_si128(from), b = _mm_loadu_si128(from + 1);
    const __m128i c = _mm_loadu_si128(from + 2), d = _mm_loadu_si128(from + 3);
    _mm_stream_si128(to, a);
    _mm_stream_si128(to + 1, b);
    _mm_stream_si128(to + 2, c);
    _mm_stream_si128(to + 3, d);
  }
  std::memcpy(target, source, size_bytes - lines * kLine);
  _mm_sfence();
}

void evict_from_caches(const std::byte* bytes, std::size_t size_bytes) {
  for (std::size_t i = 0; i < size_bytes; i += 64) _mm_clflush(bytes + i);
  _mm_mfence();
}

#else

void stream_copy(std::byte* target, const std::byte* source, std::size_t size_bytes) {
  std::memcpy(target, source, size_bytes);
}

void evict_from_caches(const std::byte*, std::size_t) {}

#endif

}  // namespace forge3d
