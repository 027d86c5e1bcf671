// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Staging rings (O1): a picture far larger than the ring goes to the device and comes back.
// usage: staging_rings_demo [OUT_FOLDER [PICTURE]]
//
// The one idea: a ring of fixed size carries any amount of data. What is in flight is never more
// than the ring, whoever needs room waits for the device, and nothing else is ever allocated.

#include <algorithm>
#include <forge3d/staging_ring.hpp>

#include "demo.hpp"

using namespace demo;

constexpr std::uint64_t kRingBytes = kMebibyte;

/// Band by band through the ring; how full the ring was after each of them is kept for the plot.
static Result<> upload_in_bands(StagingRing& ring, const DeviceImage& target, const Image& picture,
                                std::vector<std::uint64_t>& in_flight_bytes) {
  const std::uint32_t band = std::max<std::uint32_t>(
      1, static_cast<std::uint32_t>(kRingBytes / 8 / picture.info.row_bytes()));
  StagingTicket last;
  for (std::uint32_t y = 0; y < picture.info.height; y += band) {
    ImageRegion region = region_of(target);
    region.discard = y == 0;  // a new image has no layout yet: nothing of it is kept
    region.y = y;
    region.height = std::min(band, picture.info.height - y);
    const auto rows =
        std::span(picture.pixels)
            .subspan(y * picture.info.row_bytes(), region.height * picture.info.row_bytes());
    // Waits for room when the ring is full: for as long as StagingRingDesc::timeout_ns.
    FORGE3D_TRY_ASSIGN(last, ring.upload(region, rows));
    in_flight_bytes.push_back(ring.stats().bytes_in_flight);
  }
  return ring.wait(last);
}

/// With a timeout of 0 a full ring is an answer, not a wait: a renderer does something else
/// meanwhile. Here it just counts, and then waits after all.
static Result<> upload_without_waiting(StagingRing& ring, const Buffer& target) {
  const std::vector<std::byte> page(64 << 10, std::byte{7});
  std::uint64_t accepted = 0, refused = 0;
  for (std::uint64_t offset = 0; offset < target.size_bytes(); offset += page.size()) {
    auto ticket = ring.upload(region_of(target, offset), page, 0);
    if (!ticket && ticket.error().code == ErrorCode::kTimeout) {
      ++refused;
      FORGE3D_TRY(ring.submit());
      ticket = ring.upload(region_of(target, offset), page);
    }
    if (!ticket) return tl::unexpected(ticket.error());
    ++accepted;
  }
  fmt::print("not waiting:  {} pages uploaded, {} times the ring was full at first\n", accepted,
             refused);
  return {};
}

/// A producer writes straight into ring memory: no array of its own, no copy on the CPU.
static Result<> produce_in_place(StagingRing& ring, const Buffer& target) {
  const std::uint64_t count = ring.max_in_place_bytes() / sizeof(std::uint32_t);
  FORGE3D_TRY_ASSIGN(StagingWrite write, ring.write_in_place(region_of(target), count * 4));
  const std::span<std::uint32_t> words(reinterpret_cast<std::uint32_t*>(write.bytes().data()),
                                       count);
  for (std::uint32_t i = 0; i < count; ++i) words[i] = i * i;
  FORGE3D_TRY(write.commit());
  // A readback sees the uploads before it; get() submits what is open and waits.
  FORGE3D_TRY_ASSIGN(Readback readback, ring.readback(region_of(target), count * 4));
  FORGE3D_TRY_ASSIGN(const auto squares, readback.get_as<std::uint32_t>());
  for (std::uint32_t i = 0; i < count; ++i)
    if (squares[i] != i * i) return fail(ErrorCode::kInternal, "the device returned other bytes");
  fmt::print("in place:     {} numbers written into the ring, and read back equal\n", count);
  return {};
}

static Result<> save_plot(const Arguments& arguments, const std::vector<std::uint64_t>& bytes) {
  std::vector<Box> boxes{{0, 20, 600, 0.5, "#c33"}};  // the ring's size
  const double width = 600.0 / double(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const double height = 100.0 * double(bytes[i]) / double(kRingBytes);
    boxes.push_back({double(i) * width, 120 - height, width * 0.9, height, "#469"});
  }
  return save_svg(arguments.out / "ring_in_flight.svg", 600, 120, boxes);
}

static Result<> staging_rings(const Arguments& arguments) {
  FORGE3D_TRY_ASSIGN(const Image picture, input_picture(arguments, 2048, 2048));
  FORGE3D_TRY_ASSIGN(const auto device, Device::create());
  FORGE3D_TRY_ASSIGN(const auto ring, StagingRing::create(device, {.upload_bytes = kRingBytes,
                                                                   .readback_bytes = kRingBytes}));
  FORGE3D_TRY_ASSIGN(const DeviceImage target,
                     DeviceImage::create(device, {.width = picture.info.width,
                                                  .height = picture.info.height,
                                                  .usage = VK_IMAGE_USAGE_SAMPLED_BIT |
                                                           VK_IMAGE_USAGE_TRANSFER_SRC_BIT |
                                                           VK_IMAGE_USAGE_TRANSFER_DST_BIT}));
  fmt::print("device:       {}\n", device->info().name);
  std::vector<std::uint64_t> in_flight_bytes;
  const double megabytes = double(picture.pixels.size()) / 1e6;
  // The first time the memory of image and ring is new to the machine, too.
  for (const char* when : {"first upload:", "next upload: "}) {
    const auto start = std::chrono::steady_clock::now();
    FORGE3D_TRY(upload_in_bands(*ring, target, picture, in_flight_bytes));
    const double ms = ms_since(start);
    fmt::print("{} {:.1f} MB through a ring of {:.1f} MB in {:.1f} ms: {:.0f} MB/s\n", when,
               megabytes, double(kRingBytes) / 1e6, ms, megabytes / ms * 1000);
  }
  const StagingStats stats = ring->stats();
  fmt::print("in flight:    at most {} of {} bytes; {} waits for room, {:.2f} ms in all\n",
             stats.peak_bytes_in_flight, kRingBytes, stats.buffer_stalls,
             double(stats.stall_ns) / 1e6);
  fmt::print("submissions:  {} for {} copies; latency p50 {:.2f} ms, p99 {:.2f} ms\n",
             stats.submits, stats.copies, double(stats.latency_p50_ns) / 1e6,
             double(stats.latency_p99_ns) / 1e6);

  FORGE3D_TRY_ASSIGN(Readback readback, ring->readback(region_of(target)));
  FORGE3D_TRY_ASSIGN(const auto bytes, readback.get());
  if (!std::equal(bytes.begin(), bytes.end(), picture.pixels.begin(), picture.pixels.end()))
    return fail(ErrorCode::kInternal, "the device returned another picture");
  fmt::print("readback:     all {} bytes are equal\n", bytes.size());
  FORGE3D_TRY(save_png(arguments.out / "staged.png",
                       {picture.info, std::vector(bytes.begin(), bytes.end())}));

  FORGE3D_TRY_ASSIGN(const Buffer buffer,
                     Buffer::create(device, {.size_bytes = 8 * kMebibyte,
                                             .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                                                      VK_BUFFER_USAGE_TRANSFER_DST_BIT}));
  FORGE3D_TRY(upload_without_waiting(*ring, buffer));
  FORGE3D_TRY(produce_in_place(*ring, buffer));
  return save_plot(arguments, in_flight_bytes);
}

int main(int argc, char** argv) { return run(argc, argv, staging_rings); }
