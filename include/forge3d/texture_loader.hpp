// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whole textures: a KTX2 file onto the device, and what the device's sampler makes of it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "forge3d/device.hpp"
#include "forge3d/image.hpp"
#include "forge3d/ktx2.hpp"
#include "forge3d/resources.hpp"
#include "forge3d/staging_ring.hpp"

namespace forge3d {

/// A texture whose levels are all on the device. The image is in VK_IMAGE_LAYOUT_GENERAL once
/// `ready` is reached, and must not be destroyed before.
struct DeviceTexture {
  DeviceImage image;
  Ticket ready;
  std::uint64_t stored_bytes = 0;        ///< Level bytes as they lie in the file.
  std::uint64_t device_bytes = 0;        ///< What the image takes from the ledger.
  std::uint64_t uncompressed_bytes = 0;  ///< The same texels as RGBA8.
  std::uint64_t read_ns = 0;             ///< Spent in reading, inflating and making levels.
};

struct LoadTextureDesc {
  std::uint32_t first_level = 0;  ///< Levels below it are left out: a smaller texture.
  bool reinterpret_linear =
      false;  ///< sRGB formats are created as their linear twin: samples are codes.
  VkImageUsageFlags more_usage = 0;  ///< Beside being sampled: TRANSFER_SRC to read it back.
  MemoryCategory category = MemoryCategory::kTexture;
  std::string debug_name = "texture";
};

/// Uploads a file's levels, layers, faces and slices through the ring, one level at a time, and
/// flushes. Levels stored as they are go from the file into ring memory, a few rows of blocks at a
/// time; compressed ones are inflated first. Thread-safe with a ring of its own or a shared one.
/// Errors: kNotSupported (a format the device cannot sample, a scheme the reader cannot inflate,
/// arrays of 3D), kInvalidArgument (first_level), and those of the reader, DeviceImage::create and
/// the ring.
[[nodiscard]] Result<DeviceTexture> load_texture(std::shared_ptr<Device> device, StagingRing& ring,
                                                 const Ktx2Reader& reader,
                                                 const LoadTextureDesc& desc = {});

/// Rows of one level: texels [y, y + height) of one layer, face and slice, all of their width.
struct LevelPart {
  std::uint32_t image = 0;   ///< Counted layer, face, slice.
  std::uint32_t y = 0;       ///< A multiple of the source's row_step().
  std::uint32_t height = 0;  ///< Likewise, or what is left.
};

/// One level that is made where it is wanted: in ring memory, a few rows at a time. For one thread.
class LevelSource {
 public:
  virtual ~LevelSource() = default;
  /// The whole level, laid out layer, face, slice, when host memory holds it anyway: it is copied
  /// from there. Nothing: write() makes it.
  [[nodiscard]] virtual std::span<const std::byte> bytes() const = 0;
  /// What parts begin at multiples of, in texels.
  [[nodiscard]] virtual std::uint32_t row_step() const = 0;
  /// Writes rows of blocks, tightly packed, in the order of the level. `out` may be slow to read.
  [[nodiscard]] virtual Result<> write(const LevelPart& part, std::span<std::byte> out) = 0;
};

/// A level that lies in host memory.
[[nodiscard]] std::unique_ptr<LevelSource> hold_level(std::vector<std::byte> bytes);

/// Levels that are made when their turn comes.
struct TextureLevels {
  /// Of the file, but for `format`, which the device gets.
  Ktx2Info info;
  /// Called once a level, in the order of the levels, by the thread that loads; one is open at a
  /// time.
  std::function<Result<std::unique_ptr<LevelSource>>(std::uint32_t level)> open;
};

/// A file's levels as they are stored, inflated where they are compressed. The reader must have a
/// format.
[[nodiscard]] TextureLevels levels_of(const Ktx2Reader& reader);

/// As above for levels that no file holds. Errors: likewise, and those of the source.
[[nodiscard]] Result<DeviceTexture> load_texture(std::shared_ptr<Device> device, StagingRing& ring,
                                                 const TextureLevels& levels,
                                                 const LoadTextureDesc& desc = {});

/// Samples every texel centre of one level and layer with the device's own sampler (nearest
/// filtering) and reads the result back as 8-bit RGBA: an independent decode of block formats. sRGB
/// formats give linear values rounded to 8 bits: load with reinterpret_linear to compare codes.
/// Errors: kInvalidArgument (no such level or layer, 3D), Device::allocate's, the ring's.
[[nodiscard]] Result<Image> sample_texels(std::shared_ptr<Device> device, StagingRing& ring,
                                          const DeviceTexture& texture, std::uint32_t level = 0,
                                          std::uint32_t layer = 0);

}  // namespace forge3d
