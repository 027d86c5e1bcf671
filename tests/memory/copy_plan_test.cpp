// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/copy_plan.hpp"

#include <gtest/gtest.h>

#include <random>

namespace forge3d {
namespace {

CopyRecord buffer_copy(std::uint64_t resource, std::uint64_t offset, std::uint64_t size,
                       bool read = false) {
  CopyRecord record;
  record.kind = read ? CopyKind::kReadBuffer : CopyKind::kUploadBuffer;
  record.resource = resource;
  record.offset_bytes = offset;
  record.size_bytes = size;
  return record;
}

CopyRecord image_copy(std::uint64_t resource, std::uint32_t level, std::int32_t x, std::uint32_t w,
                      bool read, VkImageLayout layout) {
  CopyRecord record;
  record.kind = read ? CopyKind::kReadImage : CopyKind::kUploadImage;
  record.resource = resource;
  record.detail = std::make_unique<CopyDetail>();
  record.detail->image.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, level, 0, 1};
  record.detail->image.imageOffset = {x, 0, 0};
  record.detail->image.imageExtent = {w, 4, 1};
  record.detail->layout = layout;
  record.detail->image_width = 64;
  record.detail->image_height = 64;
  record.detail->block_compressed = true;
  return record;
}

bool touch(const CopyRecord& a, const CopyRecord& b) {
  if (a.resource != b.resource) return false;
  if (a.is_read() && b.is_read()) return false;
  if (!a.is_image())
    return a.offset_bytes < b.offset_bytes + b.size_bytes &&
           b.offset_bytes < a.offset_bytes + a.size_bytes;
  const VkBufferImageCopy &x = a.detail->image, &y = b.detail->image;
  return x.imageSubresource.mipLevel == y.imageSubresource.mipLevel &&
         x.imageOffset.x < y.imageOffset.x + static_cast<std::int32_t>(y.imageExtent.width) &&
         y.imageOffset.x < x.imageOffset.x + static_cast<std::int32_t>(x.imageExtent.width);
}

std::vector<std::uint32_t> phases_of(const CopyPlan& plan, std::size_t records) {
  std::vector<std::uint32_t> phases(records, ~0u);
  for (const CopyPlan::Step& step : plan.steps) {
    EXPECT_EQ(phases[step.record], ~0u) << "once each";
    phases[step.record] = step.phase;
  }
  return phases;
}

TEST(CopyPlan, CopiesThatTouchKeepTheirOrderWithABarrierBetween) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<CopyRecord> records;
    const std::size_t count = 1 + random() % 40;
    for (std::size_t i = 0; i < count; ++i) {
      const bool read = random() % 4 == 0;
      if (random() % 3 == 0)
        records.push_back(image_copy(100 + random() % 2, random() % 2,
                                     static_cast<std::int32_t>(random() % 10 * 4),
                                     4 + random() % 4 * 4, read, VK_IMAGE_LAYOUT_GENERAL));
      else
        records.push_back(buffer_copy(1 + random() % 3, random() % 1000, 1 + random() % 100, read));
      if (random() % 10 == 0) records.back().kind = CopyKind::kNothing;
    }
    const CopyPlan plan = CopyPlan::of(records, false);
    const auto phases = phases_of(plan, records.size());
    for (std::size_t j = 0; j < count; ++j) {
      EXPECT_EQ(phases[j] == ~0u, records[j].kind == CopyKind::kNothing);
      for (std::size_t i = 0; i < j; ++i) {
        if (phases[i] == ~0u || phases[j] == ~0u || !touch(records[i], records[j])) continue;
        EXPECT_LT(phases[i], phases[j]) << "round " << round << ": " << i << " before " << j;
      }
    }
    for (std::size_t i = 1; i < plan.steps.size(); ++i)
      EXPECT_LE(plan.steps[i - 1].phase, plan.steps[i].phase);
  }
}

TEST(CopyPlan, UploadsThatDoNotTouchNeedNoBarrier) {
  std::vector<CopyRecord> records;
  for (std::uint64_t i = 0; i < 1000; ++i)
    records.push_back(buffer_copy(1 + i % 5, i * 7919 % 1000 * 100, 100));
  for (const CopyPlan::Step& step : CopyPlan::of(records, false).steps) EXPECT_EQ(step.phase, 0u);
}

TEST(CopyPlan, ReadingAndWritingNeedDifferentLayouts) {
  std::vector<CopyRecord> records;
  constexpr VkImageLayout kShader = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
  records.push_back(image_copy(1, 0, 0, 4, false, kShader));
  records.push_back(image_copy(1, 0, 32, 4, true, kShader));
  const auto phases = phases_of(CopyPlan::of(records, false), 2);
  EXPECT_LT(phases[0], phases[1]);
}

TEST(CopyPlan, WholeLevelsConflictForTheValidationLayer) {
  std::vector<CopyRecord> records;
  records.push_back(image_copy(1, 0, 0, 4, false, VK_IMAGE_LAYOUT_GENERAL));
  records.push_back(image_copy(1, 0, 32, 4, false, VK_IMAGE_LAYOUT_GENERAL));
  EXPECT_EQ(phases_of(CopyPlan::of(records, false), 2), (std::vector<std::uint32_t>{0, 0}));
  EXPECT_EQ(phases_of(CopyPlan::of(records, true), 2), (std::vector<std::uint32_t>{0, 1}));
}

}  // namespace
}  // namespace forge3d
