// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A memory system on a device under validation, and things to load into it.

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <numeric>
#include <string>

#include "forge3d/memory_system.hpp"
#include "support/shared_data.hpp"
#include "support/test_device.hpp"

namespace forge3d::test {

/// A colourful picture without noise, so that block formats come close to it.
inline Image gradient_picture(std::uint32_t width, std::uint32_t height) {
  Image image = make_image({width, height, 4, SampleType::kU8, true}).value();
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x) {
      std::byte* texel = &image.pixels[(std::size_t{y} * width + x) * 4];
      texel[0] = static_cast<std::byte>(x * 255 / std::max(width - 1, 1u));
      texel[1] = static_cast<std::byte>(y * 255 / std::max(height - 1, 1u));
      texel[2] = static_cast<std::byte>((x + y) % 256);
      texel[3] = std::byte{255};
    }
  return image;
}

inline std::uint64_t sum_by_category(const BudgetStats& ledger) {
  return std::accumulate(ledger.by_category_bytes.begin(), ledger.by_category_bytes.end(),
                         std::uint64_t{0});
}

inline std::uint64_t held(const BudgetStats& ledger, MemoryCategory category) {
  return ledger.by_category_bytes[static_cast<std::size_t>(category)];
}

class SystemFixture : public ::testing::Test {
 protected:
  /// Opens the device, and a system with small rings on it.
  void open(MemorySystemDesc desc = {}, BudgetLimits limits = {}) {
    device_ = open_device(limits);
    ASSERT_NE(device_, nullptr);
    desc.device = device_;
    desc.ring.upload_bytes = 4 * kMebibyte;
    desc.ring.readback_bytes = kMebibyte;
    auto system = MemorySystem::create(desc);
    ASSERT_TRUE(system) << system.error().to_string();
    system_ = std::move(*system);
  }
  void TearDown() override {
    system_.reset();
    if (device_ == nullptr) return;
    EXPECT_EQ(device_->validation_messages(), 0u);
    if (device_.use_count() == 1) {
      EXPECT_EQ(device_->budget().stats().total_bytes, 0u);
    }
  }
  [[nodiscard]] BudgetStats ledger() const { return device_->budget().stats(); }

  std::shared_ptr<Device> device_;
  std::shared_ptr<MemorySystem> system_;
};

}  // namespace forge3d::test
