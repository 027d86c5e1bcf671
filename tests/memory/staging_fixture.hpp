// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the staging tests share: a device under validation, rings, buffers and bytes with a seed.

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

#include "forge3d/resources.hpp"
#include "forge3d/staging_ring.hpp"
#include "support/test_device.hpp"

namespace forge3d::test {

inline std::vector<std::byte> random_bytes(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::byte> bytes(size);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random());
  return bytes;
}

inline bool same(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

class StagingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    device_ = open_device();
    ASSERT_NE(device_, nullptr);
  }
  void TearDown() override {
    if (device_ != nullptr) {
      EXPECT_EQ(device_->validation_messages(), 0u);
    }
  }

  std::shared_ptr<StagingRing> make_ring(const StagingRingDesc& desc) {
    auto ring = StagingRing::create(device_, desc);
    if (!ring) ADD_FAILURE() << ring.error().to_string();
    return ring ? *ring : nullptr;
  }

  Buffer make_buffer(std::uint64_t size_bytes) {
    auto buffer = Buffer::create(
        device_, {.size_bytes = size_bytes,
                  .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT});
    if (!buffer) ADD_FAILURE() << buffer.error().to_string();
    return buffer ? std::move(*buffer) : Buffer();
  }

  static BufferRegion region(const Buffer& buffer, std::uint64_t offset_bytes = 0) {
    return {buffer.handle(), offset_bytes, buffer.size_bytes()};
  }

  // What a buffer holds now, by way of the ring.
  static std::vector<std::byte> read(StagingRing& ring, const BufferRegion& source,
                                     std::uint64_t size_bytes) {
    auto readback = ring.readback(source, size_bytes);
    if (!readback) {
      ADD_FAILURE() << readback.error().to_string();
      return {};
    }
    auto bytes = readback->get();
    if (!bytes) {
      ADD_FAILURE() << bytes.error().to_string();
      return {};
    }
    return {bytes->begin(), bytes->end()};
  }

  std::shared_ptr<Device> device_;
};

/// A semaphore that holds the graphics queue back until open() or the end of its scope: work
/// submitted meanwhile waits.
class QueueGate {
 public:
  explicit QueueGate(Device& device);
  ~QueueGate();
  void open();

 private:
  Device& device_;
  VkSemaphore semaphore_ = VK_NULL_HANDLE;
  bool open_ = false;
};

}  // namespace forge3d::test
