// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/texture_shelf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/thread_clock.hpp"

namespace forge3d::system {
namespace {

constexpr std::uint64_t kShutdownNs = 5'000'000'000;

}  // namespace

OwnedTexture::~OwnedTexture() {
  for (const Ticket ticket : {texture.ready, last_use})
    if (auto waited = device->wait(ticket, kShutdownNs);
        !waited && waited.error().code == ErrorCode::kTimeout)
      device->log(LogLevel::kError,
                  fmt::format("{}: freed although {}", texture.image.desc().debug_name,
                              waited.error().message));
}

bool OwnedTexture::is_done() const {
  for (const Ticket ticket : {texture.ready, last_use}) {
    const auto done = device->is_complete(ticket);
    if (done && !*done) return false;  // a lost device has nothing left to wait for
  }
  return true;
}

SystemTextureInfo TextureShelf::add(SystemTextureInfo info, std::shared_ptr<OwnedTexture> texture) {
  const std::lock_guard lock(mutex_);
  auto free = std::find_if(entries_.begin(), entries_.end(),
                           [](const Entry& entry) { return entry.texture == nullptr; });
  if (free == entries_.end()) free = entries_.emplace(entries_.end());
  ++free->generation;
  info.id = {static_cast<std::uint32_t>(free - entries_.begin()), free->generation};
  free->info = std::move(info);
  free->texture = std::move(texture);
  ++loads_;
  return free->info;
}

Result<std::size_t> TextureShelf::index_of(TextureId id) const {
  if (id.index >= entries_.size() || id.generation == 0 ||
      entries_[id.index].generation != id.generation || entries_[id.index].texture == nullptr)
    return fail(ErrorCode::kStaleHandle,
                fmt::format("texture {} generation {} is not loaded", id.index, id.generation));
  return id.index;
}

Result<> TextureShelf::remove(TextureId id, Ticket last_use) {
  {
    const std::lock_guard lock(mutex_);
    FORGE3D_TRY_ASSIGN(const std::size_t index, index_of(id));
    Entry& entry = entries_[index];
    if (last_use.serial > entry.texture->device->queue(last_use.queue).last_submitted())
      return fail(ErrorCode::kInvalidArgument, fmt::format("{}: last_use {} was never submitted",
                                                           entry.info.name, last_use.serial.value));
    retired_.reserve(retired_.size() + 1);
    entry.texture->last_use = last_use;
    retired_.push_back(std::exchange(entry.texture, nullptr));
    entry.info = {};
  }
  collect();
  return {};
}

Result<std::shared_ptr<const DeviceTexture>> TextureShelf::find(TextureId id) const {
  const std::lock_guard lock(mutex_);
  FORGE3D_TRY_ASSIGN(const std::size_t index, index_of(id));
  const auto& owner = entries_[index].texture;
  return std::shared_ptr<const DeviceTexture>(owner, &owner->texture);
}

std::vector<SystemTextureInfo> TextureShelf::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<SystemTextureInfo> result;
  for (const Entry& entry : entries_)
    if (entry.texture != nullptr) result.push_back(entry.info);
  return result;
}

SystemStats::Compressed TextureShelf::stats() const {
  const std::lock_guard lock(mutex_);
  SystemStats::Compressed stats;
  stats.loads = loads_;
  for (const Entry& entry : entries_) {
    if (entry.texture == nullptr) continue;
    ++stats.textures;
    stats.device_bytes += entry.info.device_bytes;
    stats.uncompressed_bytes += entry.info.uncompressed_bytes;
    const FormatInfo* format = format_info(entry.info.format);
    if (format != nullptr && format->compressed &&
        entry.info.uncompressed_bytes > entry.info.device_bytes)
      stats.saved_bytes += entry.info.uncompressed_bytes - entry.info.device_bytes;
  }
  return stats;
}

void TextureShelf::collect() {
  std::vector<std::shared_ptr<OwnedTexture>> done;  // freed without the lock
  const std::lock_guard lock(mutex_);
  const auto first_done = std::partition(
      retired_.begin(), retired_.end(),
      [](const std::shared_ptr<OwnedTexture>& texture) { return !texture->is_done(); });
  done.reserve(static_cast<std::size_t>(retired_.end() - first_done));
  std::move(first_done, retired_.end(), std::back_inserter(done));
  retired_.erase(first_done, retired_.end());
}

void TextureShelf::collect_all(std::uint64_t timeout_ns) {
  std::vector<std::shared_ptr<OwnedTexture>> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting = retired_;
  }
  const std::uint64_t begin_ns = monotonic_ns();
  for (const auto& texture : waiting)
    for (const Ticket ticket : {texture->texture.ready, texture->last_use}) {
      const std::uint64_t spent_ns = monotonic_ns() - begin_ns;
      (void)texture->device->wait(ticket, timeout_ns > spent_ns ? timeout_ns - spent_ns : 0);
    }
  waiting.clear();
  collect();
}

}  // namespace forge3d::system
