// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/tiff_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "forge3d/format.hpp"
#include "tiles/guard_memory.hpp"
#include "tiles/sources/tiff_directory.hpp"
#include "tiles/sources/tiff_handle.hpp"

namespace forge3d::tiles {
namespace {

constexpr std::size_t kMaxIdleHandles = 4;  // of a level

/// Directories by level. Each level has handles of its own, so that none ever moves.
class TiffPages final : public RawPages {
 public:
  TiffPages(std::shared_ptr<const ByteSource> source, std::map<std::uint32_t, TiffDirectory> levels)
      : source_(std::move(source)), levels_(std::move(levels)) {}

  [[nodiscard]] const ImageInfo& info() const override { return levels_.at(0).info; }
  [[nodiscard]] std::string name() const override { return source_->name(); }
  [[nodiscard]] std::optional<RawLevel> level(std::uint32_t level) const override {
    const auto found = levels_.find(level);
    if (found == levels_.end()) return std::nullopt;
    const TiffDirectory& directory = found->second;
    return RawLevel{directory.info.width, directory.info.height, directory.block_width,
                    directory.block_height};
  }

  [[nodiscard]] Result<> read_block(std::uint32_t level, std::uint32_t x, std::uint32_t y,
                                    std::span<std::byte> out) const override {
    const TiffDirectory& directory = levels_.at(level);
    FORGE3D_TRY_ASSIGN(std::unique_ptr<TiffHandle> handle, take_handle(level));
    std::vector<std::byte> stored(directory.stored_block_bytes());
    FORGE3D_TRY(read_stored(directory, *handle, x, y, stored));
    give_back(level, std::move(handle));
    expand_tiff_pixels(directory, stored, out);
    return {};
  }

 private:
  [[nodiscard]] Result<std::unique_ptr<TiffHandle>> take_handle(std::uint32_t level) const {
    {
      std::lock_guard lock(mutex_);
      auto& idle = idle_[level];
      if (!idle.empty()) {
        auto handle = std::move(idle.back());
        idle.pop_back();
        return handle;
      }
    }
    FORGE3D_TRY_ASSIGN(auto handle, TiffHandle::open(source_));
    FORGE3D_TRY(handle->set_directory(levels_.at(level).offset));
    FORGE3D_TRY(prepare_tiff_blocks(*handle, levels_.at(level)));
    return handle;
  }

  void give_back(std::uint32_t level, std::unique_ptr<TiffHandle> handle) const {
    std::lock_guard lock(mutex_);
    auto& idle = idle_[level];
    if (idle.size() < kMaxIdleHandles) idle.push_back(std::move(handle));
  }

  /// One tile or strip, unpacked. What a file leaves out (no bytes) is zeros, as GDAL's sparse
  /// files mean it.
  [[nodiscard]] Result<> read_stored(const TiffDirectory& directory, TiffHandle& handle,
                                     std::uint32_t x, std::uint32_t y,
                                     std::span<std::byte> out) const {
    TIFF* const tiff = handle.get();
    const std::uint32_t first_y = y * directory.block_height;
    const std::uint32_t number =
        directory.is_tiled ? TIFFComputeTile(tiff, x * directory.block_width, first_y, 0, 0)
                           : TIFFComputeStrip(tiff, first_y, 0);
    const std::string what = fmt::format("{}: IFD at offset {}: {} {}", name(), directory.offset,
                                         directory.is_tiled ? "tile" : "strip", number);
    int broken = 0;
    const std::uint64_t packed_bytes = TIFFGetStrileByteCountWithErr(tiff, number, &broken);
    if (broken != 0) return handle.failure(what);
    if (packed_bytes == 0) return {};
    if (packed_bytes > handle.file_bytes())
      return fail(ErrorCode::kInvalidFile, fmt::format("{}: claims {} bytes, the file has {}", what,
                                                       packed_bytes, handle.file_bytes()));
    const std::uint32_t rows =
        directory.is_tiled ? directory.block_height
                           : std::min(directory.block_height, directory.info.height - first_y);
    const auto expected = static_cast<tmsize_t>(rows * directory.stored_row_bytes());
    const tmsize_t got = directory.is_tiled
                             ? TIFFReadEncodedTile(tiff, number, out.data(), expected)
                             : TIFFReadEncodedStrip(tiff, number, out.data(), expected);
    if (got < 0) return handle.failure(what);
    if (got != expected)
      return fail(ErrorCode::kInvalidFile,
                  fmt::format("{}: has {} bytes, must have {}", what, got, expected));
    return {};
  }

  std::shared_ptr<const ByteSource> source_;
  std::map<std::uint32_t, TiffDirectory> levels_;
  mutable std::mutex mutex_;
  mutable std::map<std::uint32_t, std::vector<std::unique_ptr<TiffHandle>>>
      idle_;  // GUARDED_BY(mutex_)
};

/// Collects the picture and its smaller versions.
class DirectoryWalk {
 public:
  explicit DirectoryWalk(TiffHandle& handle) : handle_(handle) {}

  Result<std::map<std::uint32_t, TiffDirectory>> run() {
    FORGE3D_TRY_ASSIGN(TiffDirectory first, read_tiff_directory(handle_));
    FORGE3D_TRY(prepare_tiff_blocks(handle_, first));
    const std::vector<std::uint64_t> below = first.sub_directories;
    levels_.emplace(0, std::move(first));
    FORGE3D_TRY(walk_following());
    FORGE3D_TRY(walk_below(below));
    return std::move(levels_);
  }

 private:
  Result<> walk_following() {
    for (;;) {
      FORGE3D_TRY_ASSIGN(const bool has_next, handle_.next_directory());
      if (!has_next) return {};
      FORGE3D_TRY(count());
      FORGE3D_TRY(look_at_current());
    }
  }

  Result<> walk_below(const std::vector<std::uint64_t>& offsets) {
    for (const std::uint64_t offset : offsets) {
      FORGE3D_TRY(count());
      FORGE3D_TRY(handle_.set_directory(offset));
      FORGE3D_TRY(look_at_current());
    }
    return {};
  }

  Result<> count() {
    if (++directories_ < kMaxTiffDirectories) return {};
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}: has more than {} IFDs", handle_.name(), kMaxTiffDirectories));
  }

  /// Pages of other pictures, masks, and what cannot be decoded here are no levels.
  Result<> look_at_current() {
    auto directory = read_tiff_directory(handle_);
    if (!directory && directory.error().code == ErrorCode::kNotSupported) return {};
    if (!directory) return tl::unexpected<Error>(std::move(directory).error());
    if (!directory->is_reduced || !same_samples(directory->info)) return {};
    const std::uint32_t level = level_of(directory->info);
    if (level == 0 || levels_.count(level) != 0) return {};
    FORGE3D_TRY(prepare_tiff_blocks(handle_, *directory));
    levels_.emplace(level, std::move(*directory));
    return {};
  }

  [[nodiscard]] bool same_samples(const ImageInfo& info) const {
    const ImageInfo& whole = levels_.at(0).info;
    return info.channels == whole.channels && info.type == whole.type;
  }

  /// The level whose extents these are, rounded down or up; 0 where there is none.
  [[nodiscard]] std::uint32_t level_of(const ImageInfo& info) const {
    const ImageInfo& whole = levels_.at(0).info;
    const auto fits = [](std::uint32_t extent, std::uint32_t base, std::uint32_t level) {
      const std::uint32_t down = mip_extent(base, level);
      return extent == down || extent == ((base - 1) >> level) + 1;
    };
    for (std::uint32_t level = 1; level < full_mip_count(whole.width, whole.height); ++level)
      if (fits(info.width, whole.width, level) && fits(info.height, whole.height, level))
        return level;
    return 0;
  }

  TiffHandle& handle_;
  std::uint32_t directories_ = 1;
  std::map<std::uint32_t, TiffDirectory> levels_;
};

}  // namespace

Result<std::shared_ptr<const RawPages>> open_tiff_pages(std::shared_ptr<const ByteSource> source) {
  return guard_memory("no memory to open a TIFF", [&]() -> Result<std::shared_ptr<const RawPages>> {
    FORGE3D_TRY_ASSIGN(const auto handle, TiffHandle::open(source));
    FORGE3D_TRY_ASSIGN(auto levels, DirectoryWalk(*handle).run());
    return std::make_shared<const TiffPages>(std::move(source), std::move(levels));
  });
}

}  // namespace forge3d::tiles
