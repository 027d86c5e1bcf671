// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Tickets: taking back, callbacks, room, destroyed resources, lost devices, many threads.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "gpu/device_test_access.hpp"
#include "memory/staging_fixture.hpp"

namespace forge3d {
namespace {

using test::QueueGate;
using test::random_bytes;
using test::same;
using StagingTicketsTest = test::StagingTest;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kKibibyte = 1024;
const StagingRingDesc kSmall{.upload_bytes = 48 * kKibibyte, .readback_bytes = 24 * kKibibyte};

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

TEST_F(StagingTicketsTest, WhatWasNotSubmittedCanBeTakenBack) {
  Buffer buffer = make_buffer(3000);
  auto ring = make_ring(kSmall);
  const auto data = random_bytes(3000, 1);
  ASSERT_TRUE(ring->upload(region(buffer), std::vector<std::byte>(3000)));
  const auto first = ring->upload(region(buffer), std::span(data).first(1000));
  const auto second = ring->upload(region(buffer, 1000), std::span(data).subspan(1000, 1000));
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(*ring->cancel(*second));
  EXPECT_TRUE(*ring->cancel(*second)) << "once more changes nothing";
  const auto bytes = read(*ring, region(buffer), 3000);
  EXPECT_TRUE(same(std::span(bytes).first(1000), std::span(data).first(1000)));
  EXPECT_TRUE(same(std::span(bytes).subspan(1000), std::vector<std::byte>(2000)));
  EXPECT_EQ(ring->is_complete(*second).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(ring->wait(*second).error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(*ring->is_complete(*first));
  EXPECT_FALSE(*ring->cancel(*first)) << "it was submitted";
  EXPECT_EQ(ring->cancel(StagingTicket{50, 50}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ring->stats().dropped_copies, 1u);
  EXPECT_EQ(ring->stats().bytes_in_flight, 0u) << "its ring space is back";
  EXPECT_EQ(ring->stats().active_transfers, 0u);
}

TEST_F(StagingTicketsTest, AnUploadOfWhichAPartWasSubmittedGoesOn) {
  Buffer buffer = make_buffer(40'000);
  auto ring = make_ring(kSmall);
  const auto data = random_bytes(40'000, 1);
  const auto ticket = ring->upload(region(buffer), data);  // more than two segments
  ASSERT_TRUE(ticket);
  EXPECT_FALSE(*ring->cancel(*ticket));
  EXPECT_TRUE(same(read(*ring, region(buffer), 40'000), data));
}

TEST_F(StagingTicketsTest, CallbacksSayHowItEnded) {
  Buffer buffer = make_buffer(1000);
  auto ring = make_ring(kSmall);
  const auto data = random_bytes(1000, 1);
  const auto good = ring->upload(region(buffer), data);
  const auto bad = ring->upload(region(buffer), data);
  ASSERT_TRUE(good && bad);
  std::vector<std::string> log;
  ring->on_complete(*good, [&](Result<> result) {
    log.push_back(result ? "good" : result.error().to_string());
    EXPECT_TRUE(ring->upload(region(buffer), data)) << "callbacks may use the ring";
  });
  ring->on_complete(*bad, [&](Result<> result) {
    log.push_back(!result && result.error().code == ErrorCode::kCancelled ? "cancelled" : "?");
  });
  ASSERT_TRUE(*ring->cancel(*bad));
  ASSERT_TRUE(ring->poll());
  EXPECT_TRUE(log.empty()) << "nothing was submitted";
  ASSERT_TRUE(ring->flush() && device_->wait_idle());
  ASSERT_TRUE(ring->poll());
  EXPECT_EQ(log, (std::vector<std::string>{"good", "cancelled"}));
  ring->on_complete(*good, [&](Result<>) { log.push_back("late"); });
  ASSERT_TRUE(ring->poll());
  ASSERT_TRUE(ring->poll());
  EXPECT_EQ(log.size(), 3u) << "each is called once";
}

TEST_F(StagingTicketsTest, CallbacksLearnThatTheRingWent) {
  Buffer buffer = make_buffer(1000);
  auto ring = make_ring(kSmall);
  const auto ticket = ring->upload(region(buffer), random_bytes(1000, 1));
  ASSERT_TRUE(ticket);
  ErrorCode code{};
  ring->on_complete(*ticket, [&](Result<> result) {
    if (!result) code = result.error().code;
  });
  ring.reset();
  EXPECT_EQ(code, ErrorCode::kCancelled);
}

TEST_F(StagingTicketsTest, RoomIsAnnounced) {
  Buffer buffer = make_buffer(1 << 20);
  auto ring = make_ring(kSmall);
  EXPECT_EQ(ring->when_room(ring->max_in_place_bytes() + 1, [] {}).error().code,
            ErrorCode::kInvalidArgument);
  int calls = 0;
  {
    QueueGate gate(*device_);
    const auto data = random_bytes(16'000, 1);
    while (ring->upload(region(buffer), data, 0)) {
    }
    ASSERT_TRUE(ring->when_room(16'000, [&] { ++calls; }));
    ASSERT_TRUE(ring->poll());
    EXPECT_EQ(calls, 0);
  }
  ASSERT_TRUE(ring->poll());
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(ring->upload(region(buffer), random_bytes(16'000, 2), 0));
  ASSERT_TRUE(ring->poll());
  EXPECT_EQ(calls, 1);
}

TEST_F(StagingTicketsTest, TryingDoesNotWait) {
  Buffer buffer = make_buffer(1 << 20);
  auto ring = make_ring(kSmall);
  QueueGate gate(*device_);
  const auto data = random_bytes(1000, 1);
  std::uint64_t fitted = 0;
  Result<StagingTicket> last = ring->upload(region(buffer), data, 0);
  for (; last; last = ring->upload(region(buffer), data, 0)) ++fitted;
  EXPECT_EQ(last.error().code, ErrorCode::kTimeout);
  EXPECT_GE(fitted, 3 * 15u) << "all three segments were filled";
  const auto begin = Clock::now();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(ring->upload(region(buffer), data, 0).error().code, ErrorCode::kTimeout);
    EXPECT_EQ(ring->write_in_place(region(buffer), 1000, 0).error().code, ErrorCode::kTimeout);
  }
  EXPECT_LT(seconds_since(begin), 1.0);
  EXPECT_LE(ring->stats().bytes_in_flight, 48 * kKibibyte);
}

TEST_F(StagingTicketsTest, OneThreadNeverWaitsForItself) {
  Buffer buffer = make_buffer(16 * kKibibyte);
  auto ring = make_ring(kSmall);
  const auto data = random_bytes(5000, 1);
  for (int i = 0; i < 200; ++i)  // twenty rings full, and nobody flushes
    ASSERT_TRUE(ring->upload(region(buffer, static_cast<std::uint64_t>(i % 3) * 5000), data)) << i;
  EXPECT_TRUE(same(read(*ring, region(buffer), 5000), data));
}

TEST_F(StagingTicketsTest, TargetsThatWereDestroyedAreRefused) {
  auto ring = make_ring(kSmall);
  Buffer stays = make_buffer(1000);
  const auto data = random_bytes(1000, 1);
  BufferRegion gone;
  StagingTicket orphan;
  {
    Buffer buffer = make_buffer(1000);
    gone = region_of(buffer);
    const auto ticket = ring->upload(gone, data);
    ASSERT_TRUE(ticket);
    orphan = *ticket;
  }
  const auto other = ring->upload(region_of(stays), data);
  ASSERT_TRUE(other);
  EXPECT_EQ(ring->upload(gone, data).error().code, ErrorCode::kStaleHandle);
  EXPECT_EQ(ring->readback(gone, 1000).error().code, ErrorCode::kStaleHandle);
  ASSERT_TRUE(ring->wait(*other)) << "its neighbours arrive";
  EXPECT_EQ(ring->wait(orphan).error().code, ErrorCode::kStaleHandle);
  EXPECT_EQ(ring->is_complete(orphan).error().code, ErrorCode::kStaleHandle);
  EXPECT_EQ(ring->stats().dropped_copies, 1u);
  EXPECT_TRUE(same(read(*ring, region_of(stays), 1000), data));
}

TEST_F(StagingTicketsTest, ImagesAndSourcesThatWereDestroyedAreRefused) {
  auto ring = make_ring(kSmall);
  const auto data = random_bytes(32 * 32 * 4, 1);  // fits a segment: nothing is submitted early
  ImageRegion gone;
  std::optional<Readback> orphan;
  {
    auto image = DeviceImage::create(
        device_, {.format = Format::kRGBA8Unorm,
                  .width = 32,
                  .height = 32,
                  .usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT |
                           VK_IMAGE_USAGE_SAMPLED_BIT});
    ASSERT_TRUE(image);
    gone = region_of(*image);
    gone.discard = true;
    ASSERT_TRUE(ring->upload(gone, data));
    auto readback = ring->readback(region_of(*image));
    ASSERT_TRUE(readback);
    orphan.emplace(std::move(*readback));
  }
  EXPECT_EQ(ring->upload(gone, data).error().code, ErrorCode::kStaleHandle);
  EXPECT_EQ(orphan->get().error().code, ErrorCode::kStaleHandle);
  Buffer buffer = make_buffer(1000);
  auto write = ring->write_in_place(region_of(buffer), 1000);
  ASSERT_TRUE(write);
  buffer = Buffer();
  EXPECT_EQ(write->commit().error().code, ErrorCode::kStaleHandle);
}

TEST_F(StagingTicketsTest, AWaitEndsSoonAfterTheDeviceIsLost) {
  Buffer buffer = make_buffer(1000);
  auto ring = make_ring(kSmall);
  QueueGate gate(*device_);
  const auto ticket = ring->upload(region(buffer), random_bytes(1000, 1));
  ASSERT_TRUE(ticket && ring->flush());
  Clock::time_point lost_at;
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    lost_at = Clock::now();
    (void)device_->error(VK_ERROR_DEVICE_LOST, "somebody's call");
  });
  const auto result = ring->wait(*ticket, 30'000'000'000);
  other.join();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kDeviceLost);
  EXPECT_LT(seconds_since(lost_at), 1.0);
  EXPECT_EQ(ring->upload(region(buffer), random_bytes(10, 1)).error().code, ErrorCode::kDeviceLost);
  gate.open();  // the real device is fine
  device_->vk().vkDeviceWaitIdle(device_->handle());
}

// What one of eight threads does to its own part of a buffer.
void use_everything(StagingRing& ring, const Buffer& buffer, std::uint64_t begin,
                    std::uint64_t seed, std::atomic<int>& callbacks) {
  constexpr std::uint64_t kPart = 30'000;
  std::mt19937 random(static_cast<unsigned>(seed));
  std::vector<std::byte> expected(kPart);
  ASSERT_TRUE(ring.upload(region_of(buffer, begin), expected));
  for (int step = 0; step < 150; ++step) {
    const std::uint64_t size = 1 + random() % 4000, offset = random() % (kPart - size);
    const auto data = random_bytes(size, random());
    const BufferRegion target = region_of(buffer, begin + offset);
    StagingTicket ticket;
    bool kept = true;
    if (random() % 2 == 0) {
      const auto upload = ring.upload(target, data);
      ASSERT_TRUE(upload) << upload.error().to_string();
      ticket = *upload;
    } else {
      auto write = ring.write_in_place(target, size);
      ASSERT_TRUE(write) << write.error().to_string();
      std::ranges::copy(data, write->bytes().begin());
      if (random() % 8 == 0) continue;  // dropped: nothing happens
      const auto upload = write->commit();
      ASSERT_TRUE(upload) << upload.error().to_string();
      ticket = *upload;
    }
    const auto dice = random() % 16;
    if (dice == 0) kept = !*ring.cancel(ticket);
    if (dice == 1) ring.on_complete(ticket, [&](Result<>) { ++callbacks; });
    if (dice == 2) {
      ASSERT_TRUE(ring.flush());
    }
    if (dice == 3) {
      ASSERT_TRUE(ring.wait(ticket));
    }
    if (dice == 4) {
      ASSERT_TRUE(ring.poll());
    }
    if (dice == 5)
      ring.set_tuning({.writer_threads = 1 + static_cast<std::uint32_t>(random() % 3)});
    if (dice == 6) {
      EXPECT_LE(ring.stats().bytes_in_flight, 48 * kKibibyte);
    }
    if (kept) std::ranges::copy(data, expected.begin() + static_cast<std::ptrdiff_t>(offset));
    if (dice != 7) continue;
    auto readback = ring.readback(target, size);
    ASSERT_TRUE(readback) << readback.error().to_string();
    EXPECT_TRUE(same(*readback->get(), std::span(expected).subspan(offset, size)));
  }
  auto readback = ring.readback(region_of(buffer, begin), kPart);
  ASSERT_TRUE(readback) << readback.error().to_string();
  EXPECT_TRUE(same(*readback->get(), expected));
}

TEST_F(StagingTicketsTest, EightThreadsUseEverythingAtOnce) {
  Buffer buffer = make_buffer(8 * 30'000);
  auto ring = make_ring(kSmall);
  std::atomic<int> callbacks{0};
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 8; ++t)
    threads.emplace_back([&, t] { use_everything(*ring, buffer, t * 30'000, t, callbacks); });
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(ring->flush() && device_->wait_idle() && ring->poll());
  EXPECT_GT(callbacks, 0);
  EXPECT_EQ(ring->stats().active_transfers, 0u);
  EXPECT_EQ(ring->stats().bytes_in_flight, 0u);
}

TEST_F(StagingTicketsTest, StatisticsOfAFrame) {
  Buffer buffer = make_buffer(1 << 20);
  auto ring = make_ring({.upload_bytes = 3 * kMebibyte, .readback_bytes = 0});
  const auto data = random_bytes(10'000, 1);
  StagingTicket last;
  for (std::uint64_t i = 0; i < 50; ++i) {  // neighbours: one region
    const auto ticket = ring->upload(region(buffer, i * 10'000), data);
    ASSERT_TRUE(ticket);
    last = *ticket;
  }
  EXPECT_EQ(ring->stats().active_transfers, 50u);
  ASSERT_TRUE(ring->wait(last));
  const StagingStats stats = ring->stats();
  EXPECT_EQ(stats.copies, 50u);
  EXPECT_EQ(stats.submits, 1u);
  EXPECT_LE(stats.regions, 50u);
  EXPECT_GE(stats.regions, 1u);
  EXPECT_GT(stats.upload_bandwidth_mbps, 0.0);
  EXPECT_GT(stats.latency_p50_ns, 0u);
  EXPECT_GE(stats.latency_p99_ns, stats.latency_p50_ns);
  EXPECT_EQ(stats.bytes_uploaded, 500'000u);
}

// How long an upload took is known only where somebody looked out for its end.
TEST_F(StagingTicketsTest, AnObserverHearsWhetherTheEndWasLookedOutFor) {
  std::vector<StagingObservation> seen;
  auto ring = make_ring({.upload_bytes = kMebibyte,
                         .observer = [&](const StagingObservation& one) { seen.push_back(one); }});
  const Buffer target = make_buffer(64 << 10);
  const std::vector<std::byte> bytes = random_bytes(64 << 10, 3);
  constexpr std::chrono::milliseconds kWhile{20};
  const auto upload = [&](bool looked) {
    const std::size_t before = seen.size();
    {
      QueueGate gate(*device_);
      ASSERT_TRUE(ring->upload(region(target), bytes));
      ASSERT_TRUE(ring->flush());
      std::this_thread::sleep_for(kWhile);
      if (looked) {
        ASSERT_TRUE(ring->poll());
      }
    }
    ASSERT_TRUE(device_->wait_idle());  // not by the ring
    if (!looked) std::this_thread::sleep_for(kWhile);
    ASSERT_TRUE(ring->poll());
    ASSERT_EQ(seen.size(), before + 1);
    EXPECT_EQ(seen.back().upload_bytes, bytes.size());
  };
  ASSERT_NO_FATAL_FAILURE(upload(false));
  EXPECT_FALSE(seen.back().timed);
  // A thread that is kept from running between its two looks has not looked out.
  bool timed = false;
  for (int attempt = 0; attempt < 20 && !timed && !HasFatalFailure(); ++attempt) {
    upload(true);
    timed = !seen.empty() && seen.back().timed;
  }
  EXPECT_TRUE(timed);
  const std::size_t before = seen.size();
  ASSERT_TRUE(ring->upload(region(target), bytes));
  const auto ticket = ring->flush();
  ASSERT_TRUE(ticket) << ticket.error().to_string();
  ASSERT_TRUE(ring->wait(*ticket));
  EXPECT_EQ(seen.size(), before + 1) << "a wait takes note of the end";
}

}  // namespace
}  // namespace forge3d
