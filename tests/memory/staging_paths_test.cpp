// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The ways that bytes take: several writers, in place, imported pages, direct writes, a queue of
// its own.

#include <gtest/gtest.h>
#include <volk.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <thread>

#include "memory/staging_fixture.hpp"
#include "memory/staging_state.hpp"

namespace forge3d {
namespace {

using test::random_bytes;
using test::same;

constexpr std::uint64_t kKibibyte = 1024;
const StagingRingDesc kSmall{.upload_bytes = 48 * kKibibyte, .readback_bytes = 24 * kKibibyte};

std::uint64_t path_bytes(const StagingRing& ring, StagingPath path) {
  return ring.stats().bytes_by_path[static_cast<std::size_t>(path)];
}

// Memory that begins and ends with a page.
struct Pages {
  explicit Pages(std::size_t size)
      : bytes(static_cast<std::byte*>(std::aligned_alloc(4096, size)), size) {
    const auto data = random_bytes(std::min<std::size_t>(size, 65'521), size);  // a prime
    for (std::size_t i = 0; i < size; ++i) bytes[i] = data[i % data.size()];
  }
  ~Pages() { std::free(bytes.data()); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  std::span<std::byte> bytes;
};

class StagingPathsTest : public test::StagingTest {
 protected:
  // By the tuning given; imports and direct writes are off in it unless set.
  std::shared_ptr<StagingRing> tuned_ring(std::uint64_t upload_bytes, const StagingTuning& tuning,
                                          StagingMode mode = StagingMode::kFrame) {
    return make_ring({.upload_bytes = upload_bytes,
                      .readback_bytes = 256 * kKibibyte,
                      .mode = mode,
                      .tuning = tuning});
  }
  Buffer make_mapped_buffer(std::uint64_t size_bytes) {
    auto buffer = Buffer::create(
        device_, {.size_bytes = size_bytes,
                  .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
                  .memory = MemoryUse::kDeviceMapped});
    if (!buffer) ADD_FAILURE() << buffer.error().to_string();
    return buffer ? std::move(*buffer) : Buffer();
  }
};

TEST_F(StagingPathsTest, LargeUploadsOfSeveralWritersArrive) {
  for (const std::uint32_t writers : {1u, 2u, 4u}) {
    for (const bool streaming : {false, true}) {
      SCOPED_TRACE(testing::Message() << writers << " writers, streaming " << streaming);
      auto ring = tuned_ring(
          768 * kKibibyte,
          {.writer_threads = writers, .chunk_bytes = 100'000, .streaming_stores = streaming});
      for (const std::uint64_t size : {1'048'576ull, 1'048'577ull, 3'333'333ull}) {
        Buffer buffer = make_buffer(size + 3);
        const auto data = random_bytes(size, size);
        const auto ticket = ring->upload(region(buffer, 3), data);
        ASSERT_TRUE(ticket) << ticket.error().to_string();
        EXPECT_TRUE(same(read(*ring, region(buffer, 3), size), data)) << size;
      }
      EXPECT_LE(ring->stats().peak_bytes_in_flight, 768 * kKibibyte);
      EXPECT_EQ(path_bytes(*ring, StagingPath::kRing), 5'430'486u);
      EXPECT_GT(ring->stats().copy_ns, 0u);
    }
  }
}

TEST_F(StagingPathsTest, LargeImagesOfSeveralWritersArrive) {
  constexpr std::uint32_t kWidth = 1000, kHeight = 700;
  auto image = DeviceImage::create(
      device_, {.format = Format::kRGBA8Unorm,
                .width = kWidth,
                .height = kHeight,
                .usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT |
                         VK_IMAGE_USAGE_SAMPLED_BIT});
  ASSERT_TRUE(image) << image.error().to_string();
  auto ring = tuned_ring(512 * kKibibyte, {.writer_threads = 3, .chunk_bytes = 128 * kKibibyte});
  ImageRegion target = region_of(*image);
  target.discard = true;
  target.row_bytes = kWidth * 4 + 100;  // rows with a gap between them
  const auto data = random_bytes(target.row_bytes * kHeight, 1);
  const auto ticket = ring->upload(target, data);
  ASSERT_TRUE(ticket) << ticket.error().to_string();
  ImageRegion source = region_of(*image);
  auto readback = ring->readback(source);
  ASSERT_TRUE(readback) << readback.error().to_string();
  const auto bytes = readback->get();
  ASSERT_TRUE(bytes) << bytes.error().to_string();
  for (std::uint32_t row = 0; row < kHeight; ++row)
    ASSERT_TRUE(same(bytes->subspan(row * kWidth * 4, kWidth * 4),
                     std::span(data).subspan(row * target.row_bytes, kWidth * 4)))
        << "row " << row;
}

TEST_F(StagingPathsTest, WritingInPlaceSavesTheCopy) {
  Buffer buffer = make_buffer(100'000);
  auto ring = make_ring(kSmall);
  const std::uint64_t most = ring->max_in_place_bytes();
  EXPECT_LE(most, 16 * kKibibyte);
  EXPECT_GE(most, 15 * kKibibyte);
  for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{1000}, most, most, most, most}) {
    const auto data = random_bytes(size, size);
    auto write = ring->write_in_place(region(buffer, 7), size);
    ASSERT_TRUE(write) << write.error().to_string();
    ASSERT_EQ(write->bytes().size(), size);
    std::ranges::copy(data, write->bytes().begin());
    const auto ticket = write->commit();
    ASSERT_TRUE(ticket) << ticket.error().to_string();
    EXPECT_TRUE(same(read(*ring, region(buffer, 7), size), data)) << size;
  }
  EXPECT_EQ(path_bytes(*ring, StagingPath::kInPlace), 1001 + 4 * most);
  EXPECT_EQ(path_bytes(*ring, StagingPath::kRing), 0u);
}

TEST_F(StagingPathsTest, InPlaceMistakesAreNamedAndTakeNoRoom) {
  Buffer buffer = make_buffer(100'000);
  auto ring = make_ring(kSmall);
  const auto never = ring->write_in_place(region(buffer), ring->max_in_place_bytes() + 1);
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(never.error().message.find("never fit"), std::string::npos) << never.error().message;
  EXPECT_EQ(ring->write_in_place(region(buffer), 0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ring->write_in_place(region(buffer, 99'999), 2).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(ring->stats().bytes_in_flight, 0u);
  for (int i = 0; i < 50; ++i)  // each takes most of a segment, and gives it back
    ASSERT_TRUE(ring->write_in_place(region(buffer), 16'000, 0)) << i;
  EXPECT_EQ(ring->stats().copies, 0u);
}

TEST_F(StagingPathsTest, TexelsAreWrittenInPlaceRowsAtATime) {
  constexpr std::uint32_t kWidth = 90, kHeight = 70, kRows = 16;  // no whole blocks at the edges
  auto image = DeviceImage::create(
      device_, {.format = Format::kBC7Unorm,
                .width = kWidth,
                .height = kHeight,
                .layers = 2,
                .usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT |
                         VK_IMAGE_USAGE_SAMPLED_BIT});
  ASSERT_TRUE(image) << image.error().to_string();
  auto ring = make_ring(kSmall);
  const std::uint64_t row_bytes = image_bytes(Format::kBC7Unorm, kWidth, 4).value();
  for (std::uint32_t layer = 0; layer < 2; ++layer) {
    const auto data = random_bytes(image_bytes(Format::kBC7Unorm, kWidth, kHeight).value(), layer);
    for (std::uint32_t y = 0; y < kHeight; y += kRows) {
      ImageRegion rows = region_of(*image, 0, layer);
      rows.discard = y == 0;
      rows.y = y;
      rows.height = std::min(kRows, kHeight - y);
      auto write = ring->write_in_place(rows);
      ASSERT_TRUE(write) << write.error().to_string();
      ASSERT_EQ(write->bytes().size(), (rows.height + 3) / 4 * row_bytes);
      std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(y / 4 * row_bytes),
                  write->bytes().size(), write->bytes().begin());
      ASSERT_TRUE(write->commit());
    }
    auto readback = ring->readback(region_of(*image, 0, layer));
    ASSERT_TRUE(readback) << readback.error().to_string();
    const auto bytes = readback->get();
    ASSERT_TRUE(bytes) << bytes.error().to_string();
    EXPECT_TRUE(same(*bytes, data)) << layer;
  }
  EXPECT_EQ(path_bytes(*ring, StagingPath::kRing), 0u);

  ImageRegion mistaken = region_of(*image);
  mistaken.layer_count = 2;
  EXPECT_EQ(ring->write_in_place(mistaken).error().code, ErrorCode::kInvalidArgument);
  mistaken = region_of(*image);
  mistaken.row_bytes = row_bytes + 16;
  EXPECT_EQ(ring->write_in_place(mistaken).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ring->max_in_place_bytes(Format::kUndefined), 0u);
  const std::uint64_t most = ring->max_in_place_bytes(Format::kBC7Unorm);
  EXPECT_LE(most, 16 * kKibibyte);
  EXPECT_GE(most, 15 * kKibibyte);
  auto write = ring->write_in_place(region_of(*image, 0, 1));
  ASSERT_TRUE(write);
  image = DeviceImage();
  EXPECT_EQ(write->commit().error().code, ErrorCode::kStaleHandle);
}

TEST_F(StagingPathsTest, AnOpenWriteOutlivesItsRing) {
  Buffer buffer = make_buffer(1000);
  auto ring = make_ring(kSmall);
  auto write = ring->write_in_place(region(buffer), 1000);
  ASSERT_TRUE(write);
  ring.reset();
  std::ranges::fill(write->bytes(), std::byte{1});  // the memory is still there
  EXPECT_EQ(write->commit().error().code, ErrorCode::kCancelled);
  EXPECT_GT(device_->budget().stats().total_bytes, 1000u);
  { const StagingWrite gone = std::move(*write); }
  buffer = Buffer();
  EXPECT_EQ(device_->budget().stats().total_bytes, 0u);
}

TEST_F(StagingPathsTest, ReadingInPlaceShowsTheRing) {
  Buffer buffer = make_buffer(20'000);
  auto ring = make_ring(kSmall);
  const auto data = random_bytes(20'000, 1);
  ASSERT_TRUE(ring->upload(region(buffer), data));
  {
    auto first = ring->read_in_place(region(buffer), 8000);
    auto second = ring->read_in_place(region(buffer, 8000), 8000);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(same(*second->get(), std::span(data).subspan(8000, 8000)));
    EXPECT_TRUE(same(*first->get(), std::span(data).first(8000)));
  }
  EXPECT_EQ(ring->read_in_place(region(buffer), 8193).error().code, ErrorCode::kInvalidArgument);
  for (int i = 0; i < 10; ++i) {  // segments come back when the readbacks go
    const auto again = ring->read_in_place(region(buffer, 1), 8000);
    ASSERT_TRUE(again) << again.error().to_string();
  }
}

TEST_F(StagingPathsTest, AReadbackIntoTheCallersMemory) {
  Buffer buffer = make_buffer(50'000);
  auto ring = make_ring(kSmall);
  const auto data = random_bytes(50'000, 1);
  ASSERT_TRUE(ring->upload(region(buffer), data));
  std::vector<std::byte> destination(50'000);
  auto readback = ring->readback(region(buffer), std::span(destination));
  ASSERT_TRUE(readback) << readback.error().to_string();
  const auto values = readback->get_as<std::uint32_t>();
  ASSERT_TRUE(values);
  EXPECT_EQ(values->size(), 12'500u);
  EXPECT_EQ(static_cast<const void*>(values->data()), destination.data());
  EXPECT_TRUE(same(destination, data));
  EXPECT_EQ(ring->readback(region(buffer, 1), std::span(destination)).error().code,
            ErrorCode::kInvalidArgument);
  // A readback that is dropped leaves the memory alone from then on.
  {
    const auto dropped = ring->readback(region(buffer), std::span(destination).first(10'000));
    ASSERT_TRUE(dropped);
  }
  std::ranges::fill(destination, std::byte{7});
  ASSERT_TRUE(ring->flush() && device_->wait_idle() && ring->poll());
  EXPECT_EQ(std::ranges::count(destination, std::byte{7}), 50'000);
}

TEST_F(StagingPathsTest, ImmediateModeSubmitsEachCall) {
  Buffer buffer = make_buffer(1000);
  auto ring = tuned_ring(48 * kKibibyte, {}, StagingMode::kImmediate);
  const auto data = random_bytes(1000, 1);
  for (std::uint64_t i = 1; i <= 3; ++i) {
    const auto ticket = ring->upload(region(buffer), data);
    ASSERT_TRUE(ticket);
    EXPECT_EQ(ring->stats().submits, i);
    ASSERT_TRUE(device_->wait_idle());
    EXPECT_TRUE(*ring->is_complete(*ticket)) << "without a flush";
  }
  auto write = ring->write_in_place(region(buffer), 10);
  ASSERT_TRUE(write);
  std::ranges::fill(write->bytes(), std::byte{9});
  ASSERT_TRUE(write->commit());
  EXPECT_EQ(ring->stats().submits, 4u);
  auto readback = ring->readback(region(buffer), 1000);
  ASSERT_TRUE(readback);
  EXPECT_EQ(ring->stats().submits, 5u);
  ASSERT_TRUE(device_->wait_idle());
  EXPECT_TRUE(*readback->is_ready());
}

TEST_F(StagingPathsTest, IdleMappedMemoryIsWrittenDirectly) {
  Buffer buffer = make_mapped_buffer(3'000'000);
  BufferRegion target = region_of(buffer, 5);
  if (target.mapped == nullptr) GTEST_SKIP() << "no mapped device memory here";
  auto ring =
      tuned_ring(48 * kKibibyte, {.writer_threads = 2, .direct_max_bytes = ~std::uint64_t{0}});
  target.idle = true;
  for (const std::uint64_t size : {1ull, 1000ull, 2'999'995ull}) {
    const auto data = random_bytes(size, size);
    const auto ticket = ring->upload(target, data);
    ASSERT_TRUE(ticket) << ticket.error().to_string();
    EXPECT_TRUE(*ring->is_complete(*ticket)) << "nothing to wait for";
    EXPECT_TRUE(same(std::span(target.mapped + 5, size), data));
  }
  EXPECT_EQ(ring->stats().submits, 0u);
  EXPECT_EQ(path_bytes(*ring, StagingPath::kDirect), 3'000'996u);
  EXPECT_EQ(ring->stats().uploads, 3u);
}

TEST_F(StagingPathsTest, ADirectWriteNeverOvertakesARecordedOne) {
  Buffer buffer = make_mapped_buffer(1000);
  BufferRegion target = region_of(buffer);
  if (target.mapped == nullptr) GTEST_SKIP() << "no mapped device memory here";
  auto ring = tuned_ring(48 * kKibibyte, {.direct_max_bytes = ~std::uint64_t{0}});
  const auto old = random_bytes(1000, 1), fresh = random_bytes(1000, 2);
  ASSERT_TRUE(ring->upload(region(buffer), old));  // not promised idle: through the ring
  target.idle = true;
  ASSERT_TRUE(ring->upload(target, fresh));
  EXPECT_EQ(path_bytes(*ring, StagingPath::kDirect), 0u);
  EXPECT_TRUE(same(read(*ring, region(buffer), 1000), fresh));
}

class StagingImportTest : public StagingPathsTest {
 protected:
  void SetUp() override {
    StagingPathsTest::SetUp();
    if (device_ != nullptr && device_->info().host_import_alignment == 0)
      GTEST_SKIP() << "this device imports no host memory";
  }
};

TEST_F(StagingImportTest, DataInsideAnImportIsFetchedByTheDevice) {
  const Pages pages(64 * kKibibyte);
  Buffer buffer = make_buffer(64 * kKibibyte);
  auto ring = make_ring(kSmall);
  {
    auto import = ring->import_memory(pages.bytes);
    ASSERT_TRUE(import) << import.error().to_string();
    for (const auto& [offset, size] :
         {std::pair{0u, 65'536u}, std::pair{1u, 1u}, std::pair{4097u, 50'001u}}) {
      const auto data = pages.bytes.subspan(offset, size);
      ASSERT_TRUE(ring->upload(region(buffer), data));
      EXPECT_TRUE(same(read(*ring, region(buffer), size), data)) << offset;
    }
    EXPECT_EQ(path_bytes(*ring, StagingPath::kImported), 115'538u);
    EXPECT_EQ(ring->stats().peak_bytes_in_flight, 0u) << "no ring memory was used";
    const auto outside = random_bytes(100, 1);
    ASSERT_TRUE(ring->upload(region(buffer), outside));
    EXPECT_TRUE(same(read(*ring, region(buffer), 100), outside));
    EXPECT_EQ(path_bytes(*ring, StagingPath::kRing), 100u);
    // Bytes that are still to be fetched when the import goes.
    ASSERT_TRUE(ring->upload(region(buffer), pages.bytes));
  }
  ASSERT_TRUE(ring->upload(region(buffer, 10), pages.bytes.first(10)));
  EXPECT_EQ(path_bytes(*ring, StagingPath::kRing), 110u);
  EXPECT_TRUE(same(read(*ring, region(buffer), 20).empty() ? std::vector<std::byte>{}
                                                           : read(*ring, region(buffer, 20), 1000),
                   pages.bytes.subspan(20, 1000)));
}

TEST_F(StagingImportTest, LargeUploadsBeyondTheRingComeFromTheCallersPages) {
  const Pages pages(40 * kMebibyte);  // more than one window
  Buffer buffer = make_buffer(40 * kMebibyte);
  auto ring = tuned_ring(48 * kKibibyte, {.import_min_bytes = kMebibyte});
  const auto data = pages.bytes.subspan(1, pages.bytes.size() - 2);
  const auto ticket = ring->upload(region(buffer), data);
  ASSERT_TRUE(ticket) << ticket.error().to_string();
  EXPECT_TRUE(*ring->is_complete(*ticket)) << "the pages are the caller's again";
  EXPECT_EQ(path_bytes(*ring, StagingPath::kImported), data.size());
  for (const std::uint64_t offset : {0ull, 33'000'000ull, 41'000'000ull})
    EXPECT_TRUE(same(read(*ring, region(buffer, offset), 5000), data.subspan(offset, 5000)));
}

TEST_F(StagingImportTest, WithoutRoomInTheLedgerTheRingTakesOver) {
  // The ring and the target fit, an imported window does not.
  device_ = test::open_device({.host_visible_bytes = kMebibyte, .total_bytes = 64 * kMebibyte});
  ASSERT_NE(device_, nullptr);
  const Pages pages(2 * kMebibyte);
  Buffer buffer = make_buffer(2 * kMebibyte);
  auto ring = tuned_ring(48 * kKibibyte, {.import_min_bytes = kMebibyte});
  ASSERT_TRUE(ring->upload(region(buffer), pages.bytes));
  EXPECT_TRUE(same(read(*ring, region(buffer), pages.bytes.size()), pages.bytes));
  const StagingStats stats = ring->stats();
  const std::uint64_t ring_bytes =
      stats.bytes_by_path[static_cast<std::size_t>(StagingPath::kRing)];
  const std::uint64_t imported_bytes =
      stats.bytes_by_path[static_cast<std::size_t>(StagingPath::kImported)];
  EXPECT_EQ(ring_bytes + imported_bytes, pages.bytes.size());
}

TEST_F(StagingPathsTest, CalibrationMeasuresAndIsRemembered) {
  auto ring = make_ring({.upload_bytes = 4 * kMebibyte, .readback_bytes = 0});
  const std::uint64_t before = device_->budget().stats().total_bytes;
  const auto measured = measure_tuning(device_, {});
  ASSERT_TRUE(measured) << measured.error().to_string();
  EXPECT_GE(measured->writer_threads, 1u);
  EXPECT_LE(measured->writer_threads, 6u);
  EXPECT_GE(measured->chunk_bytes, 512 * kKibibyte);
  EXPECT_EQ(device_->budget().stats().total_bytes, before) << "scratch memory is given back";
  EXPECT_FALSE(device_->staging_tuning());

  const auto chosen = ring->calibrate();
  ASSERT_TRUE(chosen);
  EXPECT_EQ(ring->tuning(), *chosen);
  EXPECT_EQ(device_->staging_tuning(), *chosen);
  EXPECT_EQ(make_ring(kSmall)->tuning(), *chosen);
  const StagingTuning by_hand{.writer_threads = 2, .chunk_bytes = 123'456};
  ring->set_tuning(by_hand);
  EXPECT_EQ(ring->tuning(), by_hand);
  EXPECT_EQ(device_->staging_tuning(), *chosen) << "what was set by hand is this ring's alone";
}

// The graphics queue under two names: what a device with a queue for transfers does, short of the
// change of ownership. Where there is one, TransferQueue tests below use it.
std::shared_ptr<Device> adopt_with_two_queues(Device& engine) {
  ExternalDevice external;
  external.get_instance_proc_addr = vkGetInstanceProcAddr;
  external.instance = engine.instance();
  external.physical_device = engine.physical_device();
  external.device = engine.handle();
  external.graphics_queue = engine.queue(QueueKind::kGraphics).handle();
  external.graphics_family = engine.info().graphics_family;
  const bool real = engine.info().dedicated_transfer_queue;
  external.transfer_queue =
      engine.queue(real ? QueueKind::kTransfer : QueueKind::kGraphics).handle();
  external.transfer_family = real ? engine.info().transfer_family : external.graphics_family;
  const auto adopted = Device::adopt(external);
  if (!adopted) ADD_FAILURE() << adopted.error().to_string();
  return adopted ? *adopted : nullptr;
}

TEST_F(StagingPathsTest, CopiesOnATransferQueueAreHandedToGraphics) {
  const auto engine = device_;
  device_ = adopt_with_two_queues(*engine);
  ASSERT_NE(device_, nullptr);
  {
    auto ring = make_ring({.upload_bytes = 48 * kKibibyte,
                           .readback_bytes = 24 * kKibibyte,
                           .queue = QueueKind::kTransfer});
    ASSERT_EQ(ring->queue(), QueueKind::kTransfer);
    Buffer buffer = make_buffer(100'000), copy = make_buffer(100'000);
    auto image = DeviceImage::create(
        device_, {.format = Format::kRGBA8Unorm,
                  .width = 100,
                  .height = 50,
                  .usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT |
                           VK_IMAGE_USAGE_SAMPLED_BIT});
    ASSERT_TRUE(image);
    auto recorder = CommandRecorder::create(device_, QueueKind::kGraphics);
    ASSERT_TRUE(recorder);
    for (std::uint64_t round = 0; round < 4; ++round) {
      SCOPED_TRACE(round);
      const auto data = random_bytes(100'000, round);
      const auto texels = random_bytes(100 * 50 * 4, round + 100);
      ASSERT_TRUE(ring->upload(region_of(buffer), data));
      ImageRegion target = region_of(*image);
      target.discard = round % 2 == 0;
      const auto upload = ring->upload(target, texels);
      ASSERT_TRUE(upload);
      if (round == 1) {
        ASSERT_TRUE(ring->submit()) << "runs beside the frame";
      }
      const auto ticket = ring->ticket(*upload);
      ASSERT_TRUE(ticket) << ticket.error().to_string();
      EXPECT_EQ(ticket->queue, QueueKind::kGraphics);
      // Graphics work after it sees the bytes.
      const auto commands = recorder->begin();
      ASSERT_TRUE(commands);
      const VkBufferCopy all{0, 0, 100'000};
      device_->vk().vkCmdCopyBuffer(*commands, buffer.handle(), copy.handle(), 1, &all);
      ASSERT_TRUE(recorder->submit());
      EXPECT_TRUE(same(read(*ring, region_of(copy), 100'000), data));
      auto readback = ring->readback(region_of(*image));
      ASSERT_TRUE(readback);
      const auto bytes = readback->get();
      ASSERT_TRUE(bytes) << bytes.error().to_string();
      EXPECT_TRUE(same(*bytes, texels));
    }
    ASSERT_TRUE(device_->wait_idle());
  }
  device_ = engine;
}

}  // namespace
}  // namespace forge3d
