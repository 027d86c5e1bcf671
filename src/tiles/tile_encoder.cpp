// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/tile_encoder.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "forge3d/ktx2.hpp"
#include "tiles/guard_memory.hpp"

namespace forge3d::tiles {
namespace {

std::size_t pixel_bytes(const TilePyramid& pyramid) {
  return std::size_t{pyramid.tile_texels()} * pyramid.tile_texels() * 4;
}

}  // namespace

TileEncoder::TileEncoder(const Desc& desc, Store store)
    : desc_(desc),
      store_(std::move(store)),
      max_in_flight_(std::max<std::size_t>(desc.in_flight_bytes / pixel_bytes(desc.pyramid),
                                           2 * core::resolve_thread_count(desc.threads))),
      pool_(desc.threads) {}

std::shared_ptr<TileEncoder::Job> TileEncoder::take_job() {
  if (free_.empty()) {
    auto job = std::make_shared<Job>();
    job->pixels.resize(pixel_bytes(desc_.pyramid));
    job->blocks.resize(static_cast<std::size_t>(desc_.pyramid.tile_bytes()));
    return job;
  }
  auto job = std::move(free_.back());
  free_.pop_back();
  job->done = false;
  return job;
}

Result<> TileEncoder::submit(Rgba8View tile) {
  FORGE3D_TRY(store_down_to(max_in_flight_ - 1));
  auto job = take_job();
  const std::size_t row_bytes = std::size_t{tile.width} * 4;
  for (std::uint32_t y = 0; y < tile.height; ++y)
    std::memcpy(job->pixels.data() + y * row_bytes, tile.pixels + y * tile.row_bytes, row_bytes);
  in_flight_.push_back(job);
  pool_.submit([this, job = std::move(job)] { encode(*job); });
  return {};
}

Result<> TileEncoder::drain() { return store_down_to(0); }

void TileEncoder::encode(Job& job) {
  auto ktx2 = guard_memory("no memory to encode a tile", [&] { return encode_ktx2(job); });
  std::lock_guard lock(mutex_);
  job.ktx2 = std::move(ktx2);
  job.done = true;
  finished_.notify_one();
}

Result<std::vector<std::byte>> TileEncoder::encode_ktx2(Job& job) const {
  const TilePyramid& pyramid = desc_.pyramid;
  const std::uint32_t side = pyramid.tile_texels();
  const Rgba8View view{job.pixels.data(), side, side, std::size_t{side} * 4};
  FORGE3D_TRY(encode_blocks({pyramid.format, desc_.quality, 1}, view, job.blocks));
  Ktx2WriteDesc file;
  file.format = pyramid.format;
  file.width = file.height = side;
  file.supercompression = desc_.zstd_level > 0 ? Supercompression::kZstd : Supercompression::kNone;
  file.zstd_level = desc_.zstd_level;
  file.levels = {job.blocks};
  return write_ktx2(file);
}

Result<> TileEncoder::store_down_to(std::size_t limit) {
  while (!in_flight_.empty()) {
    const std::shared_ptr<Job> job = in_flight_.front();
    {
      std::unique_lock lock(mutex_);
      if (!job->done && in_flight_.size() <= limit) return {};
      finished_.wait(lock, [&] { return job->done; });
    }
    in_flight_.pop_front();
    const auto ktx2 = std::exchange(job->ktx2, {});
    if (!ktx2) return tl::unexpected<Error>(ktx2.error());
    FORGE3D_TRY(store_(*ktx2));
    free_.push_back(job);
  }
  return {};
}

}  // namespace forge3d::tiles
