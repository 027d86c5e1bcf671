// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Levels of a file as they are stored.

#include <fmt/format.h>

#include <utility>

#include "forge3d/texture_loader.hpp"

namespace forge3d {
namespace {

class HeldLevel final : public LevelSource {
 public:
  explicit HeldLevel(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::span<const std::byte> bytes() const override { return bytes_; }
  [[nodiscard]] std::uint32_t row_step() const override { return 1; }
  [[nodiscard]] Result<> write(const LevelPart&, std::span<std::byte>) override {
    return fail(ErrorCode::kInvalidArgument, "a level that is held is not written");
  }

 private:
  std::vector<std::byte> bytes_;
};

/// Rows straight from the file.
class StoredLevel final : public LevelSource {
 public:
  StoredLevel(const Ktx2Reader& reader, std::uint32_t level)
      : reader_(reader), level_(level), block_height_(reader.info().block_extent[1]) {
    const Ktx2Info& info = reader.info();
    const std::uint64_t columns = (mip_extent(info.width, level) - 1) / info.block_extent[0] + 1;
    row_bytes_ = columns * info.block_bytes;
  }
  [[nodiscard]] std::span<const std::byte> bytes() const override { return {}; }
  [[nodiscard]] std::uint32_t row_step() const override { return block_height_; }
  [[nodiscard]] Result<> write(const LevelPart& part, std::span<std::byte> out) override {
    const std::uint64_t image = part.image * reader_.info().slice_bytes(level_);
    return reader_.read_stored(level_, image + part.y / block_height_ * row_bytes_, out);
  }

 private:
  Ktx2Reader reader_;
  std::uint32_t level_, block_height_;
  std::uint64_t row_bytes_;
};

}  // namespace

std::unique_ptr<LevelSource> hold_level(std::vector<std::byte> bytes) {
  return std::make_unique<HeldLevel>(std::move(bytes));
}

TextureLevels levels_of(const Ktx2Reader& reader) {
  return {
      reader.info(), [reader](std::uint32_t level) -> Result<std::unique_ptr<LevelSource>> {
        if (reader.info().supercompression == Supercompression::kNone && reader.has_arrived(level))
          return std::make_unique<StoredLevel>(reader, level);
        FORGE3D_TRY_ASSIGN(std::vector<std::byte> bytes, reader.read_level(level));
        return hold_level(std::move(bytes));
      }};
}

}  // namespace forge3d
