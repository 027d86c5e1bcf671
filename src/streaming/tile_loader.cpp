// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/tile_loader.hpp"

#include <utility>

namespace forge3d::streaming {

TileLoader::TileLoader(std::uint32_t threads, std::uint64_t tile_bytes, TileCache* cache)
    : tile_bytes_(tile_bytes), threads_(threads), cache_(cache), workers_(threads) {}

TileLoader::~TileLoader() {
  const std::lock_guard lock(mutex_);
  jobs_.clear();
}

void TileLoader::submit(std::vector<TileJob> jobs) {
  std::uint32_t wake = 0;
  {
    const std::lock_guard lock(mutex_);
    for (TileJob& job : jobs) jobs_.push_back(std::move(job));
    // One drain a thread serves any number of jobs, so that withdrawn ones leave no task behind.
    while (drains_ < threads_ && drains_ < jobs_.size()) {
      ++drains_;
      ++wake;
    }
  }
  for (std::uint32_t i = 0; i < wake; ++i) workers_.submit([this] { drain(); });
}

std::vector<TileJob> TileLoader::withdraw() {
  const std::lock_guard lock(mutex_);
  std::vector<TileJob> jobs(std::make_move_iterator(jobs_.begin()),
                            std::make_move_iterator(jobs_.end()));
  jobs_.clear();
  return jobs;
}

std::vector<LoadedTile> TileLoader::take_finished() {
  const std::lock_guard lock(mutex_);
  return std::exchange(finished_, {});
}

void TileLoader::wait_idle() { workers_.wait_idle(); }

Result<> TileLoader::read(const TileJob& job, std::span<std::byte> out) const {
  if (cache_ == nullptr) return job.source->read_tile(job.page.tile, out);
  const PageKey key{job.cache_id, job.page.tile};
  if (cache_->get(key, out)) return {};
  FORGE3D_TRY(job.source->read_tile(job.page.tile, out));
  cache_->put(key, out);
  return {};
}

void TileLoader::recycle(std::vector<std::byte> buffer) {
  const std::lock_guard lock(mutex_);
  --buffers_out_;
  buffers_.push_back(std::move(buffer));
}

std::size_t TileLoader::outstanding() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size() + buffers_out_;
}

std::vector<std::byte> TileLoader::take_buffer() {
  ++buffers_out_;
  if (buffers_.empty()) return {};
  std::vector<std::byte> buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

void TileLoader::drain() {
  std::unique_lock lock(mutex_);
  while (!jobs_.empty()) {
    LoadedTile tile{std::move(jobs_.front()), {}, take_buffer()};
    jobs_.pop_front();
    lock.unlock();
    tile.bytes.resize(tile_bytes_);
    tile.result = read(tile.job, tile.bytes);
    lock.lock();
    finished_.push_back(std::move(tile));
  }
  --drains_;
}

}  // namespace forge3d::streaming
