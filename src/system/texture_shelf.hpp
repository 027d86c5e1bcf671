// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TextureShelf: the textures of a system by handle, and those that are on their way out.

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "forge3d/memory_system.hpp"

namespace forge3d::system {

/// A device texture that goes only when its upload and its last use are done. With a lost device,
/// or after some seconds, it goes anyway.
class OwnedTexture {
 public:
  explicit OwnedTexture(std::shared_ptr<Device> owner) : device(std::move(owner)) {}
  ~OwnedTexture();
  OwnedTexture(const OwnedTexture&) = delete;
  OwnedTexture& operator=(const OwnedTexture&) = delete;

  std::shared_ptr<Device> device;
  DeviceTexture texture;
  Ticket last_use;
  [[nodiscard]] bool is_done() const;
};

/// Thread-safe.
class TextureShelf {
 public:
  /// `info.id` is filled in. Throws std::bad_alloc.
  [[nodiscard]] SystemTextureInfo add(SystemTextureInfo info,
                                      std::shared_ptr<OwnedTexture> texture);
  /// Errors: kStaleHandle, kInvalidArgument for a ticket that was never submitted.
  [[nodiscard]] Result<> remove(TextureId id, Ticket last_use);
  [[nodiscard]] Result<std::shared_ptr<const DeviceTexture>> find(TextureId id) const;
  [[nodiscard]] std::vector<SystemTextureInfo> list() const;
  [[nodiscard]] SystemStats::Compressed stats() const;
  /// Lets go of what is done.
  void collect();
  /// collect(), after waiting for all of it up to `timeout_ns`.
  void collect_all(std::uint64_t timeout_ns);

 private:
  struct Entry {
    std::uint32_t generation = 0;
    SystemTextureInfo info;
    std::shared_ptr<OwnedTexture> texture;  // null: free
  };
  [[nodiscard]] Result<std::size_t> index_of(TextureId id) const;  // REQUIRES: mutex_ is held

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;  // guarded by mutex_, as is all below
  std::vector<std::shared_ptr<OwnedTexture>> retired_;
  std::uint64_t loads_ = 0;
};

}  // namespace forge3d::system
