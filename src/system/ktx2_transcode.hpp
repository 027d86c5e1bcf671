// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Levels of one KTX2 file in the format that a device gets.

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "forge3d/basis.hpp"
#include "forge3d/codec.hpp"
#include "forge3d/ktx2.hpp"
#include "forge3d/texture_loader.hpp"
#include "system/device_format.hpp"

namespace forge3d::system {

/// Makes one level after another, on all cores. For one thread at a time.
class LevelMaker {
 public:
  /// `basis` where the file is one of Basis Universal. `measured_level`: whose PSNR is taken where
  /// blocks are encoded from decoded LDR texels.
  LevelMaker(Ktx2Reader reader, std::optional<BasisTexture> basis, const DeviceFormat& choice,
             Quality quality, std::uint32_t measured_level);
  ~LevelMaker();
  LevelMaker(const LevelMaker&) = delete;
  LevelMaker& operator=(const LevelMaker&) = delete;

  /// A level for the loader: blocks that are stored, transcoded or decoded are made in its memory,
  /// a few rows at a time; what is converted or encoded anew is made whole. Errors: those of the
  /// reader and the codecs. Throws std::bad_alloc.
  [[nodiscard]] Result<std::unique_ptr<LevelSource>> open(std::uint32_t level);
  /// The colors of the measured level, as many as the format holds; nothing before it was made.
  [[nodiscard]] std::optional<double> psnr_db() const;

 private:
  /// True where converting is decoding blocks, no more.
  [[nodiscard]] bool is_decoded() const;
  [[nodiscard]] Result<std::vector<std::byte>> convert(std::uint32_t level) const;
  [[nodiscard]] Result<std::vector<std::byte>> encode(std::uint32_t level);
  /// All images of a level, RGBA8 or RGBA16F one after another.
  [[nodiscard]] Result<std::vector<std::byte>> texels(std::uint32_t level, bool half) const;

  struct Meter;
  Ktx2Reader reader_;
  TextureLevels stored_;
  std::optional<BasisTexture> basis_;
  DeviceFormat choice_;
  Quality quality_;
  std::uint32_t measured_level_;
  std::unique_ptr<Meter> meter_;
};

/// True when some texel of the level has an alpha below 1. Errors: as LevelMaker::make.
[[nodiscard]] Result<bool> has_translucent_halves(const Ktx2Reader& reader, std::uint32_t level);

}  // namespace forge3d::system
