// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/table_scatter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>

#include "support/test_device.hpp"

namespace forge3d::streaming {
namespace {

TilePyramid pyramid_of(std::uint32_t width, std::uint32_t height, std::uint32_t page) {
  return make_tile_pyramid(width, height, Format::kRGBA8Unorm, page).value();
}

class TableScatters : public testing::TestWithParam<QueueKind> {
 protected:
  void open(std::uint64_t table_bytes, std::uint32_t most_words) {
    device_ = test::open_device();
    ASSERT_NE(device_, nullptr);
    auto ring = StagingRing::create(
        device_,
        {.upload_bytes = 4 * kMebibyte, .readback_bytes = 4 * kMebibyte, .queue = GetParam()});
    ASSERT_TRUE(ring) << ring.error().to_string();
    ring_ = *ring;
    auto scatter = TableScatter::create(
        device_, {.table_bytes = table_bytes, .most_words = most_words, .debug_name = "test"});
    ASSERT_TRUE(scatter) << scatter.error().to_string();
    scatter_.emplace(std::move(*scatter));
    auto table =
        PageTable::create({.capacity_bytes = table_bytes, .max_textures = 2, .page_texels = 64});
    ASSERT_TRUE(table) << table.error().to_string();
    table_.emplace(std::move(*table));
  }
  void TearDown() override {
    ASSERT_NE(device_, nullptr);
    EXPECT_TRUE(device_->wait_idle());
  }

  void expect_device_has_the_words() {
    const Buffer& buffer = scatter_->table();
    auto readback = ring_->readback(region_of(buffer), buffer.size_bytes());
    ASSERT_TRUE(readback) << readback.error().to_string();
    const auto words = readback->get_as<std::uint32_t>();
    ASSERT_TRUE(words) << words.error().to_string();
    ASSERT_TRUE(
        std::equal(words->begin(), words->end(), table_->words().begin(), table_->words().end()));
  }
  /// A page comes, goes, or gets a block.
  void step(const TilePyramid& p, std::uint64_t frame) {
    const auto level = static_cast<std::uint32_t>(random_() % p.levels);
    const PageKey page{0,
                       {level, static_cast<std::uint32_t>(random_() % p.pages_x(level)),
                        static_cast<std::uint32_t>(random_() % p.pages_y(level))}};
    table_->want(page, frame);
    if (table_->find(page))
      table_->set_absent(page);
    else
      table_->set_resident(page, static_cast<std::uint32_t>(random_() & layout::kSlotMask));
  }

  std::mt19937 random_{11};
  std::shared_ptr<Device> device_;
  std::shared_ptr<StagingRing> ring_;
  std::optional<TableScatter> scatter_;
  std::optional<PageTable> table_;
};

TEST_P(TableScatters, TheDeviceHasTheWordsAfterEachFrame) {
  open(64 * 4096, 300);
  const TilePyramid p = pyramid_of(16384, 12000, 64);
  ASSERT_TRUE(table_->add_texture(0, p));
  std::uint64_t alone = 0;
  for (std::uint64_t frame = 1; frame <= 40; ++frame) {
    for (int i = 0; i < 6; ++i) step(p, frame);
    TableDelta delta;
    table_->find_changes(300, delta);
    alone += delta.words.size();
    const auto published = scatter_->publish(*ring_, *table_);
    ASSERT_TRUE(published) << published.error().to_string();
    EXPECT_EQ(published->ticket.queue, QueueKind::kGraphics);
    if (frame % 5 == 0) expect_device_has_the_words();
    if (HasFatalFailure()) return;
  }
  expect_device_has_the_words();
  EXPECT_GT(alone, 500u);
}

TEST_P(TableScatters, SendsFewBytesForFewChanges) {
  open(64 * 4096, 4096);
  const TilePyramid p = pyramid_of(2048, 2048, 64);
  ASSERT_TRUE(table_->add_texture(0, p));
  table_->set_resident({0, {p.levels - 1, 0, 0}}, 0);
  const auto first = scatter_->publish(*ring_, *table_);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->bytes, 64u * 4096);
  table_->set_resident({0, {0, 3, 3}}, 1);
  const auto second = scatter_->publish(*ring_, *table_);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->bytes, sizeof(TableWord));
  EXPECT_GT(second->ticket.serial, first->ticket.serial);
  const auto third = scatter_->publish(*ring_, *table_);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->bytes, 0u);
  expect_device_has_the_words();
}

TEST_P(TableScatters, TakesItsBuffersFromTheLedger) {
  open(64 * 4096, 4096);
  const auto held = device_->budget().stats().by_category_bytes;
  EXPECT_EQ(held[std::size_t(MemoryCategory::kPageTable)], scatter_->size_bytes());
  EXPECT_GE(scatter_->size_bytes(), 64u * 4096 + 4096 * sizeof(TableWord));
}

INSTANTIATE_TEST_SUITE_P(Queues, TableScatters,
                         testing::Values(QueueKind::kGraphics, QueueKind::kTransfer),
                         [](const auto& test) {
                           return test.param == QueueKind::kGraphics ? "Graphics" : "Transfer";
                         });

}  // namespace
}  // namespace forge3d::streaming
