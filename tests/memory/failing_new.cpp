// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/failing_new.hpp"

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>

namespace {

thread_local std::int64_t left = std::numeric_limits<std::int64_t>::max();
thread_local bool stays_failed = false;
thread_local bool failed = false;

void* allocate(std::size_t size, std::size_t alignment) {
  if (left != std::numeric_limits<std::int64_t>::max() && --left <= 0) {
    if (left == 0 || stays_failed) {
      failed = true;
      return nullptr;
    }
  }
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  return alignment <= alignof(std::max_align_t) ? std::malloc(size == 0 ? 1 : size)
                                                : std::aligned_alloc(alignment, rounded);
}

}  // namespace

// The sanitizers bring operators of their own, which cannot be replaced beside them.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FORGE3D_OWN_NEW 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FORGE3D_OWN_NEW 0
#endif
#endif
#ifndef FORGE3D_OWN_NEW
#define FORGE3D_OWN_NEW 1

void* operator new(std::size_t size) {
  if (void* p = allocate(size, 1)) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  if (void* p = allocate(size, static_cast<std::size_t>(alignment))) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
#else
[[maybe_unused]] static void* (*const kUnused)(std::size_t, std::size_t) = &allocate;
#endif

namespace forge3d::test {

FailingNew::FailingNew(std::int64_t n, bool for_ever) {
  left = n;
  stays_failed = for_ever;
  failed = false;
}
FailingNew::~FailingNew() { left = std::numeric_limits<std::int64_t>::max(); }
bool FailingNew::has_failed() const { return failed; }
bool FailingNew::is_available() { return FORGE3D_OWN_NEW != 0; }

}  // namespace forge3d::test
