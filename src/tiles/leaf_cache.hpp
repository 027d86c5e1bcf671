// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// LeafCache: the leaf directories read last, below a fixed number of bytes.

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "tiles/directory.hpp"

namespace forge3d::tiles {

using Directory = std::vector<DirectoryEntry>;

/// Least recently used leaf directories by their offset. Thread-safe.
class LeafCache {
 public:
  explicit LeafCache(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  /// The directory, or nullptr.
  [[nodiscard]] std::shared_ptr<const Directory> find(std::uint64_t offset);
  /// Keeps `directory` and drops the oldest ones beyond the limit; one over the limit is not kept.
  void insert(std::uint64_t offset, std::shared_ptr<const Directory> directory);
  [[nodiscard]] std::size_t size_bytes() const;

 private:
  struct Kept {
    std::uint64_t offset = 0;
    std::shared_ptr<const Directory> directory;
  };
  mutable std::mutex mutex_;
  const std::size_t limit_bytes_;
  std::size_t size_bytes_ = 0;
  std::list<Kept> by_age_;  // most recently used first
  std::unordered_map<std::uint64_t, std::list<Kept>::iterator> by_offset_;
};

}  // namespace forge3d::tiles
