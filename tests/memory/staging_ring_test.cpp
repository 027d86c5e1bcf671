// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/staging_ring.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "memory/staging_fixture.hpp"
#include "memory/staging_state.hpp"

namespace forge3d {
namespace {

using test::QueueGate;
using test::random_bytes;
using test::same;
using StagingRingTest = test::StagingTest;

constexpr std::uint64_t kKibibyte = 1024;
const StagingRingDesc kSmall{.upload_bytes = 48 * kKibibyte, .readback_bytes = 24 * kKibibyte};

TEST_F(StagingRingTest, BytesOfEverySizeMakeTheRoundTrip) {
  Buffer buffer = make_buffer(300'000);
  auto ring = make_ring(kSmall);
  // Around a segment of the upload ring (16 KiB) and of the readback ring (8 KiB), around both
  // rings, and odd.
  for (const std::uint64_t size :
       {1ull, 2ull, 3ull, 5ull, 255ull, 4097ull, 8191ull, 8192ull, 8193ull, 16383ull, 16384ull,
        16385ull, 49151ull, 49152ull, 49153ull, 100'003ull, 299'990ull}) {
    SCOPED_TRACE(size);
    const auto data = random_bytes(size, size);
    const auto ticket = ring->upload(region(buffer, size % 7), data);
    ASSERT_TRUE(ticket) << ticket.error().to_string();
    EXPECT_TRUE(same(read(*ring, region(buffer, size % 7), size), data));
    EXPECT_TRUE(*ring->is_complete(*ticket)) << "the readback came after it";
  }
  EXPECT_GT(ring->stats().submits, 10u);
}

TEST_F(StagingRingTest, OneSegmentIsEnough) {
  Buffer buffer = make_buffer(50'000);
  auto ring = make_ring({.upload_bytes = 4096, .readback_bytes = 4096, .ring_count = 1});
  const auto data = random_bytes(50'000, 1);
  ASSERT_TRUE(ring->upload(region(buffer), data));
  EXPECT_TRUE(same(read(*ring, region(buffer), data.size()), data));
  EXPECT_EQ(ring->stats().ring_count, 1u);
}

TEST_F(StagingRingTest, RefusesImpossibleRings) {
  EXPECT_EQ(StagingRing::create(nullptr).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(StagingRing::create(device_, {.ring_count = 0}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(StagingRing::create(device_, {.upload_bytes = 3 * 4096 - 1}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(StagingRing::create(device_, {.readback_bytes = 4096}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(StagingRing::create(device_, {.upload_bytes = 1024 * kMebibyte}).error().code,
            ErrorCode::kBudgetExceeded);
  EXPECT_EQ(device_->budget().stats().total_bytes, 0u);
}

TEST_F(StagingRingTest, RefusesWhatIsOutsideTheTargetAndRecordsNothing) {
  Buffer buffer = make_buffer(64);
  auto ring = make_ring(kSmall);
  const auto data = random_bytes(65, 1);
  EXPECT_EQ(ring->upload(region(buffer), {}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ring->upload(region(buffer), data).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ring->upload(region(buffer, 65), std::span(data).first(1)).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(ring->upload(region(buffer, ~std::uint64_t{0}), data).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(ring->readback(region(buffer, 1), 64).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ring->readback(region(buffer), 0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ring->flush()->serial.value, 0u);
  EXPECT_EQ(ring->stats().copies, 0u);
}

TEST_F(StagingRingTest, WithoutAReadbackRingReadbacksAreNotSupported) {
  Buffer buffer = make_buffer(64);
  auto ring = make_ring({.upload_bytes = 48 * kKibibyte, .readback_bytes = 0});
  EXPECT_EQ(ring->readback(region(buffer), 64).error().code, ErrorCode::kNotSupported);
}

TEST_F(StagingRingTest, AnAbsurdReadbackIsRefusedByTheHost) {
  Buffer buffer = make_buffer(64);
  auto ring = make_ring(kSmall);
  BufferRegion lie = region(buffer);
  lie.buffer_size_bytes = ~std::uint64_t{0};
  // Beyond what a vector can name; sanitizers end the program for sizes that only malloc refuses.
  EXPECT_EQ(ring->readback(lie, std::uint64_t{1} << 63).error().code, ErrorCode::kOutOfHostMemory);
}

TEST_F(StagingRingTest, LaterUploadsOfOneThreadWin) {
  Buffer buffer = make_buffer(4096);
  auto ring = make_ring(kSmall);
  std::vector<std::byte> expected(4096);
  ASSERT_TRUE(ring->upload(region(buffer), expected));
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i) {  // overlapping ranges inside and across submissions
    const std::size_t offset = random() % 4000;
    const std::size_t size = 1 + random() % (4096 - offset);
    const auto data = random_bytes(size, random());
    ASSERT_TRUE(ring->upload(region(buffer, offset), data));
    std::copy(data.begin(), data.end(), expected.begin() + static_cast<std::ptrdiff_t>(offset));
    if (i % 40 == 0) {
      EXPECT_TRUE(same(read(*ring, region(buffer), 4096), expected)) << i;
    }
  }
  EXPECT_TRUE(same(read(*ring, region(buffer), 4096), expected));
}

TEST_F(StagingRingTest, AReadbackSeesTheBytesOfItsMoment) {
  Buffer buffer = make_buffer(1024);
  auto ring = make_ring(kSmall);
  std::vector<Readback> readbacks;
  for (std::uint64_t i = 0; i < 8; ++i) {  // all in one submission
    ASSERT_TRUE(ring->upload(region(buffer), random_bytes(1024, i)));
    auto readback = ring->readback(region(buffer), 1024);
    ASSERT_TRUE(readback);
    readbacks.push_back(std::move(*readback));
  }
  EXPECT_FALSE(*readbacks[0].is_ready()) << "nothing was flushed";
  EXPECT_EQ(ring->stats().submits, 0u);
  for (std::uint64_t i = 8; i-- > 0;) {
    const auto bytes = readbacks[i].get();
    ASSERT_TRUE(bytes);
    EXPECT_TRUE(same(*bytes, random_bytes(1024, i))) << i;
    EXPECT_TRUE(*readbacks[i].is_ready());
  }
  EXPECT_EQ(ring->stats().submits, 1u);
}

TEST_F(StagingRingTest, ManyReadbacksInFlightDoNotBlockTheRing) {
  Buffer buffer = make_buffer(40'000);
  auto ring = make_ring(kSmall);
  const auto data = random_bytes(40'000, 9);
  ASSERT_TRUE(ring->upload(region(buffer), data));
  std::vector<Readback> readbacks;
  for (int i = 0; i < 10;
       ++i) {  // each is larger than the readback ring, and nobody gets any before the last
    auto readback = ring->readback(region(buffer), data.size());
    ASSERT_TRUE(readback) << readback.error().to_string();
    if (i % 3 != 2) readbacks.push_back(std::move(*readback));  // every third is dropped
  }
  for (Readback& readback : readbacks) EXPECT_TRUE(same(*readback.get(), data));
}

// Whoever notices an end delivers all readbacks that have ended, one after the other; get() of one
// that was still in the row came back without its bytes.
TEST_F(StagingRingTest, AReadbackIsWholeWhenAnotherThreadNoticesItsEnd) {
  auto ring = make_ring({.upload_bytes = kMebibyte, .readback_bytes = 8 * kMebibyte});
  std::atomic<int> torn{0};
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    threads.emplace_back([&, seed] {
      const std::size_t size = seed < 2 ? kMebibyte : 4096;  // long ones hold up the row
      const Buffer buffer = make_buffer(size);
      std::vector<std::byte> data(size);
      for (std::uint64_t i = 0; i < 300; ++i) {
        std::ranges::fill(data, static_cast<std::byte>(seed * 31 + i));
        if (!ring->upload(region(buffer), data)) return;
        auto readback = ring->readback(region(buffer), size);
        if (!readback) return;
        // Others submit it meanwhile, and notice its end.
        if (seed >= 2) std::this_thread::sleep_for(std::chrono::microseconds(i));
        const auto bytes = readback->get();
        torn += !bytes || !same(*bytes, data);
      }
      if (!device_->wait_idle()) ++torn;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(torn, 0);
}

TEST_F(StagingRingTest, TicketsAreExactAlthoughOthersSubmitToTheQueue) {
  Buffer buffer = make_buffer(64);
  auto ring = make_ring(kSmall);
  const auto upload = ring->upload(region(buffer), random_bytes(64, 1));
  ASSERT_TRUE(upload);
  ASSERT_TRUE(
      device_->queue(QueueKind::kGraphics).submit({}));  // takes the serial one might have guessed
  ASSERT_TRUE(device_->wait_idle());
  EXPECT_FALSE(*ring->is_complete(*upload));
  const auto ticket = ring->ticket(*upload);
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->serial.value, 2u);
  ASSERT_TRUE(ring->wait(*ticket));
  EXPECT_TRUE(*ring->is_complete(*upload));
  EXPECT_TRUE(*device_->is_complete(*ring->ticket(*upload)));
  EXPECT_EQ(ring->wait(StagingTicket{99, 99}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ring->ticket(StagingTicket{99, 99}).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(StagingRingTest, AFullRingTimesOutAndGoesOnWhenTheQueueMoves) {
  Buffer buffer = make_buffer(64 * kKibibyte);
  auto ring = make_ring(
      {.upload_bytes = 12 * kKibibyte, .readback_bytes = 12 * kKibibyte, .timeout_ns = 20'000'000});
  const auto data = random_bytes(64 * kKibibyte, 3);
  {
    QueueGate gate(*device_);
    const auto upload = ring->upload(region(buffer), data);
    ASSERT_FALSE(upload);
    EXPECT_EQ(upload.error().code, ErrorCode::kTimeout);
    EXPECT_NE(upload.error().to_string().find("12288 are in flight"), std::string::npos)
        << upload.error().to_string();
    auto readback = ring->readback(region(buffer), 1000);
    ASSERT_TRUE(readback);
    EXPECT_EQ(readback->get(10'000'000).error().code, ErrorCode::kTimeout);
    EXPECT_EQ(ring->readback(region(buffer), 60'000).error().code, ErrorCode::kTimeout);
    const StagingStats stats = ring->stats();
    EXPECT_GE(stats.buffer_stalls, 2u);
    EXPECT_GE(stats.stall_ns, 30'000'000u);
    EXPECT_EQ(stats.bytes_in_flight, 12 * kKibibyte);
    gate.open();
    EXPECT_TRUE(readback->get());
  }
  // 20 ms are short on a busy machine: the call may be repeated.
  auto upload = ring->upload(region(buffer), data);
  for (int tries = 0; !upload && tries < 500; ++tries) upload = ring->upload(region(buffer), data);
  ASSERT_TRUE(upload) << upload.error().to_string();
  for (std::uint64_t at = 0; at < data.size(); at += 4096)
    EXPECT_TRUE(same(read(*ring, region(buffer, at), 4096), std::span(data).subspan(at, 4096)));
}

TEST_F(StagingRingTest, StatisticsCountWhatHappened) {
  Buffer buffer = make_buffer(20'000);
  auto ring = make_ring(kSmall);
  const auto data = random_bytes(20'000, 4);
  ASSERT_TRUE(ring->upload(region(buffer), data));  // two segments
  ASSERT_TRUE(ring->upload(region(buffer), std::span(data).first(10)));
  StagingStats stats = ring->stats();
  EXPECT_EQ(stats.uploads, 2u);
  EXPECT_EQ(stats.copies, 3u);
  EXPECT_EQ(stats.submits, 1u) << "the first segment went out when it was full";
  EXPECT_EQ(stats.bytes_uploaded, 20'010u);
  EXPECT_EQ(stats.active_transfers, 2u);
  EXPECT_EQ(stats.current_ring_index, 1u);
  EXPECT_EQ(stats.segment_bytes, 16 * kKibibyte);
  const auto ticket = ring->flush();
  ASSERT_TRUE(ticket);
  ASSERT_TRUE(ring->wait(*ticket));
  stats = ring->stats();
  EXPECT_EQ(stats.submits, 2u);
  EXPECT_EQ(stats.active_transfers, 0u);
  EXPECT_EQ(stats.bytes_in_flight, 0u);
  EXPECT_GE(stats.peak_bytes_in_flight, 3600u);
  const BudgetStats ledger = device_->budget().stats();
  EXPECT_EQ(ledger.by_category_bytes[static_cast<std::size_t>(MemoryCategory::kStaging)],
            48 * kKibibyte);
  EXPECT_EQ(ledger.by_category_bytes[static_cast<std::size_t>(MemoryCategory::kReadback)],
            24 * kKibibyte);
}

TEST_F(StagingRingTest, EightThreadsUploadAndReadBackAtOnce) {
  constexpr std::uint64_t kThreads = 8, kPart = 30'000;
  Buffer buffer = make_buffer(kThreads * kPart);
  auto ring = make_ring(kSmall);
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      const auto data = random_bytes(kPart, t);
      std::mt19937 random(static_cast<unsigned>(t));
      for (std::uint64_t done = 0; done < kPart;) {
        const std::uint64_t size = std::min<std::uint64_t>(kPart - done, 1 + random() % 3000);
        const auto upload =
            ring->upload(region(buffer, t * kPart + done), std::span(data).subspan(done, size));
        ASSERT_TRUE(upload) << upload.error().to_string();
        done += size;
        const auto dice = random() % 8;
        ASSERT_TRUE(dice != 0 || ring->flush());
        ASSERT_TRUE(dice != 1 || ring->wait(*upload));
      }
      EXPECT_TRUE(same(read(*ring, region(buffer, t * kPart), kPart), data)) << "thread " << t;
      EXPECT_LE(ring->stats().bytes_in_flight, 48 * kKibibyte);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ring->stats().bytes_uploaded, kThreads * kPart);
}

TEST_F(StagingRingTest, AFlushTakesWhatWasCommittedAndLeavesOpenWrites) {
  Buffer buffer = make_buffer(3000);
  auto ring = make_ring(kSmall);
  const auto data = random_bytes(3000, 1);
  auto open = ring->write_in_place(region(buffer, 1000), 1000);
  ASSERT_TRUE(open);
  ASSERT_TRUE(ring->upload(region(buffer), std::span(data).first(1000)));
  const auto ticket = ring->flush();
  ASSERT_TRUE(ticket && ring->wait(*ticket));
  EXPECT_EQ(ring->stats().submits, 1u);
  std::copy_n(data.begin() + 1000, 1000, open->bytes().begin());
  const auto committed = open->commit();
  ASSERT_TRUE(committed);
  EXPECT_TRUE(open->bytes().empty());
  EXPECT_EQ(open->commit().error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(*ring->is_complete(*committed));
  ASSERT_TRUE(ring->wait(*committed));
  EXPECT_TRUE(same(read(*ring, region(buffer), 2000), std::span(data).first(2000)));
}

TEST_F(StagingRingTest, AReadbackOutlivesItsRing) {
  Buffer buffer = make_buffer(1000);
  auto ring = make_ring(kSmall);
  const auto data = random_bytes(1000, 2);
  ASSERT_TRUE(ring->upload(region(buffer), data));
  auto submitted = ring->readback(region(buffer), 1000);
  ASSERT_TRUE(submitted);
  ASSERT_TRUE(ring->flush());
  auto recorded = ring->readback(region(buffer), 1000);
  ASSERT_TRUE(recorded);
  ring.reset();
  EXPECT_TRUE(same(*submitted->get(), data));
  EXPECT_EQ(recorded->get().error().code, ErrorCode::kCancelled);
  EXPECT_EQ(recorded->is_ready().error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace forge3d
