// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/block_grid.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace forge3d {
namespace {

VkImage some_image() { return reinterpret_cast<VkImage>(std::uintptr_t{1}); }
VkBuffer some_buffer() { return reinterpret_cast<VkBuffer>(std::uintptr_t{1}); }

ImageRegion bc7(std::uint32_t width, std::uint32_t height) {
  return {.image = some_image(),
          .format = Format::kBC7Unorm,
          .image_width = width,
          .image_height = height,
          .width = width,
          .height = height};
}

TEST(BlockGrid, PiecesCoverEveryBlockOnceInOrderAndUnpackToTheSameBytes) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    BlockGrid grid{.columns = 1 + random() % 40,
                   .rows = 1 + random() % 9,
                   .layers = 1 + random() % 3,
                   .block_bytes = 1 + random() % 16};
    grid.pitch_bytes = grid.row_bytes() + (round % 2 == 0 ? 0 : random() % 20);
    std::vector<std::byte> host(grid.padded_bytes()), back(grid.padded_bytes());
    for (std::byte& b : host) b = static_cast<std::byte>(random());
    std::uint64_t moved = 0;
    GridCutter cutter(grid);
    while (!cutter.done()) {
      ASSERT_EQ(cutter.remaining_bytes(), grid.size_bytes() - moved);
      const std::uint64_t limit = grid.block_bytes + random() % 600;
      const BlockPiece piece = cutter.peek(limit);
      ASSERT_GT(piece.size_bytes, 0u);
      ASSERT_LE(piece.size_bytes, limit);
      std::vector<std::byte> tight(piece.size_bytes);
      grid.pack(piece, host.data(), tight.data());
      grid.unpack(piece, tight.data(), back.data());
      moved += piece.size_bytes;
      cutter.advance(piece);
    }
    EXPECT_EQ(moved, grid.size_bytes());
    for (std::uint64_t row = 0; row < grid.rows * grid.layers; ++row)
      for (std::uint64_t i = 0; i < grid.row_bytes(); ++i)
        ASSERT_EQ(host[row * grid.pitch_bytes + i], back[row * grid.pitch_bytes + i]);
  }
}

TEST(BlockGrid, WholeRowsGoTogetherAndLongRowsAreCut) {
  const BlockGrid grid{
      .columns = 10, .rows = 7, .layers = 2, .block_bytes = 16, .pitch_bytes = 160};
  GridCutter cutter(grid);
  EXPECT_EQ(cutter.peek(500).rows, 3u);
  EXPECT_EQ(cutter.peek(1 << 20).rows, 7u) << "a piece stays in its layer";
  EXPECT_EQ(cutter.peek(159).columns, 9u);
  EXPECT_EQ(cutter.peek(159).rows, 1u);
}

TEST(BlockGrid, CountsBlocksOfOddExtents) {
  const auto grid = BlockGrid::of(bc7(5, 1023));
  ASSERT_TRUE(grid);
  EXPECT_EQ(grid->columns, 2u);
  EXPECT_EQ(grid->rows, 256u);
  EXPECT_EQ(grid->size_bytes(), 2u * 256 * 16);
}

TEST(BlockGrid, RefusesBuffersThatEndTooEarly) {
  EXPECT_TRUE(BlockGrid::of(BufferRegion{some_buffer(), 60, 64}, 4));
  EXPECT_EQ(BlockGrid::of(BufferRegion{some_buffer(), 60, 64}, 5).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_FALSE(BlockGrid::of(BufferRegion{some_buffer(), 65, 64}, 1));
  EXPECT_FALSE(BlockGrid::of(BufferRegion{some_buffer(), ~std::uint64_t{0}, 64}, 2))
      << "the sum wraps";
  EXPECT_FALSE(BlockGrid::of(BufferRegion{some_buffer(), 1, 64}, ~std::uint64_t{0}));
  EXPECT_FALSE(BlockGrid::of(BufferRegion{some_buffer(), 0, 64}, 0));
  EXPECT_FALSE(BlockGrid::of(BufferRegion{VK_NULL_HANDLE, 0, 64}, 4));
}

TEST(BlockGrid, RefusesBrokenImageRegions) {
  const auto code = [](auto change) {
    ImageRegion region = bc7(64, 32);
    change(region);
    const auto grid = BlockGrid::of(region);
    return grid ? ErrorCode::kInternal : grid.error().code;
  };
  constexpr ErrorCode kInvalid = ErrorCode::kInvalidArgument;
  EXPECT_EQ(code([](ImageRegion& r) { r.image = VK_NULL_HANDLE; }), kInvalid);
  EXPECT_EQ(code([](ImageRegion& r) { r.format = Format::kUndefined; }), ErrorCode::kNotSupported);
  EXPECT_EQ(code([](ImageRegion& r) { r.format = static_cast<Format>(0xFFFFFFFF); }),
            ErrorCode::kNotSupported);
  EXPECT_EQ(code([](ImageRegion& r) { r.width = 0; }), kInvalid);
  EXPECT_EQ(code([](ImageRegion& r) { r.height = 33; }), kInvalid);
  EXPECT_EQ(code([](ImageRegion& r) {
              r.x = 0xFFFFFFFC;
              r.width = 8;
            }),
            kInvalid)
      << "the sum wraps";
  EXPECT_EQ(code([](ImageRegion& r) {
              r.x = 2;
              r.width = 8;
            }),
            kInvalid);
  EXPECT_EQ(code([](ImageRegion& r) { r.width = 6; }), kInvalid)
      << "ends inside a block before the edge";
  EXPECT_EQ(code([](ImageRegion& r) { r.layer_count = 0; }), kInvalid);
  EXPECT_EQ(code([](ImageRegion& r) { r.row_bytes = 16 * 16 - 1; }), kInvalid);
  EXPECT_EQ(code([](ImageRegion& r) { r.row_bytes = ~std::size_t{0} / 2; }), kInvalid);
  EXPECT_EQ(code([](ImageRegion& r) { r.layout = VK_IMAGE_LAYOUT_UNDEFINED; }), kInvalid);
}

}  // namespace
}  // namespace forge3d
