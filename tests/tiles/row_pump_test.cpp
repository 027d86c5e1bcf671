// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/row_pump.hpp"

#include <gtest/gtest.h>

#include "tiles/pictures.hpp"

namespace forge3d::tiles {
namespace {

TEST(RowPump, HandsOutEveryByteInOrder) {
  const Image image = noise_picture({3000, 1201, 3, SampleType::kU16, true});
  ImageRows reader(image);
  RowPump pump(reader);
  std::vector<std::byte> all;
  while (true) {
    const auto rows = pump.next();
    ASSERT_TRUE(rows);
    if (rows->empty()) break;
    EXPECT_EQ(rows->size() % image.info.row_bytes(), 0u);
    all.insert(all.end(), rows->begin(), rows->end());
  }
  EXPECT_TRUE(all == image.pixels);
  EXPECT_TRUE(pump.next()->empty());
}

TEST(RowPump, PassesOnTheReadersErrorAfterTheRowsBefore) {
  const Image image = noise_picture({3000, 1201, 3, SampleType::kU16, true});
  ImageRows reader(image, 700);
  RowPump pump(reader);
  Result<std::span<const std::byte>> rows = pump.next();
  std::size_t bytes = 0;
  for (; rows; rows = pump.next()) bytes += rows->size();
  EXPECT_EQ(rows.error().code, ErrorCode::kInvalidFile);
  EXPECT_GT(bytes, 0u);
  EXPECT_LE(bytes, 700 * image.info.row_bytes());
  EXPECT_FALSE(pump.next());
}

TEST(RowPump, CanBeDroppedAtAnyTime) {
  const Image image = noise_picture({3000, 1201, 3, SampleType::kU16, true});
  for (int batches = 0; batches < 4; ++batches) {
    ImageRows reader(image);
    RowPump pump(reader);
    for (int i = 0; i < batches; ++i) EXPECT_TRUE(pump.next());
  }
}

}  // namespace
}  // namespace forge3d::tiles
