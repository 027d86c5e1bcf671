// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/ktx2_transcode.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <span>

namespace forge3d::system {
namespace {

/// How plain 8-bit formats lie in RGBA; 4 channels at most.
struct PlainLayout {
  std::uint32_t channels = 0;  // 0: not one of them
  bool swapped = false;        // blue first
};

PlainLayout plain_layout(Format format) {
  switch (with_srgb(format, false)) {
    case Format::kR8Unorm:
      return {1, false};
    case Format::kRG8Unorm:
      return {2, false};
    case Format::kRGB8Unorm:
      return {3, false};
    case Format::kBGRA8Unorm:
      return {4, true};
    default:
      return {};
  }
}

void expand(PlainLayout layout, std::span<const std::byte> from, std::uint8_t* to) {
  const std::size_t texels = from.size() / layout.channels;
  for (std::size_t i = 0; i < texels; ++i) {
    std::uint8_t texel[4] = {0, 0, 0, 255};
    for (std::uint32_t c = 0; c < layout.channels; ++c)
      texel[layout.swapped && c < 3 ? 2 - c : c] =
          static_cast<std::uint8_t>(from[i * layout.channels + c]);
    for (std::uint32_t c = 0; c < 4; ++c) to[i * 4 + c] = texel[c];
  }
}

/// One face of one level as 8-bit RGBA, tightly packed.
struct Pixels {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
  [[nodiscard]] Rgba8View view() const {
    return {rgba.data(), width, height, std::size_t{width} * 4};
  }
};

Result<> decode(Format format, std::span<const std::byte> bytes, Pixels& pixels) {
  pixels.rgba.resize(std::size_t{4} * pixels.width * pixels.height);
  if (const PlainLayout layout = plain_layout(format); layout.channels != 0) {
    expand(layout, bytes, pixels.rgba.data());
    return {};
  }
  return decode_blocks(
      format, bytes,
      {pixels.rgba.data(), pixels.width, pixels.height, std::size_t{pixels.width} * 4}, 0);
}

/// Squared differences of red, green and blue, summed up.
double squared_error(const Pixels& a, const Pixels& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.rgba.size(); ++i) {
    if (i % 4 == 3) continue;
    const double difference = static_cast<double>(a.rgba[i]) - b.rgba[i];
    sum += difference * difference;
  }
  return sum;
}

/// The mean over all faces of level 0.
class PsnrMeter {
 public:
  Result<> add(Format format, const Pixels& original, std::span<const std::byte> blocks) {
    Pixels decoded{original.width, original.height, {}};
    FORGE3D_TRY(decode(format, blocks, decoded));
    squared_error_ += squared_error(original, decoded);
    samples_ += original.rgba.size() / 4 * 3;
    return {};
  }
  /// 99 for equal texels, as everywhere in the tool.
  [[nodiscard]] double psnr_db() const {
    if (squared_error_ == 0) return 99;
    return std::min(
        99.0, 10 * std::log10(255.0 * 255.0 * static_cast<double>(samples_) / squared_error_));
  }

 private:
  double squared_error_ = 0;
  std::uint64_t samples_ = 0;
};

Result<std::vector<std::byte>> transcode_level(const Ktx2Reader& reader, std::uint32_t level,
                                               const EncodeBlocksDesc& encoder, PsnrMeter* meter) {
  const Ktx2Info& info = reader.info();
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> stored, reader.read_level(level));
  Pixels pixels{mip_extent(info.width, level), mip_extent(info.height, level), {}};
  FORGE3D_TRY_ASSIGN(const std::uint64_t face_bytes,
                     image_bytes(encoder.format, pixels.width, pixels.height));
  const std::uint64_t faces = std::uint64_t{info.layers} * info.faces;
  const std::size_t stored_face = info.face_bytes(level);
  std::vector<std::byte> out(face_bytes * faces);
  for (std::uint64_t face = 0; face < faces; ++face) {
    FORGE3D_TRY(
        decode(info.format, std::span(stored).subspan(face * stored_face, stored_face), pixels));
    const auto blocks = std::span(out).subspan(face * face_bytes, face_bytes);
    FORGE3D_TRY(encode_blocks(encoder, pixels.view(), blocks));
    if (meter != nullptr) FORGE3D_TRY(meter->add(encoder.format, pixels, blocks));
  }
  return out;
}

}  // namespace

bool can_transcode(Format from, Format to) {
  // Through 8-bit pixels.
  return (can_decode(from) || plain_layout(from).channels != 0) && can_encode(to) &&
         !is_hdr(from) && !is_hdr(to);
}

Result<TranscodedKtx2> transcode_ktx2(const Ktx2Reader& reader, Format to, Quality quality,
                                      std::uint32_t first_level, const std::string& name) {
  const Ktx2Info& info = reader.info();
  if (info.depth > 1)
    return fail(ErrorCode::kNotSupported, name + ": 3D textures cannot be decoded");
  if (!can_transcode(info.format, to))
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: no way from vkFormat {} to {}", name, info.vk_format,
                            static_cast<std::uint32_t>(to)));
  PsnrMeter meter;
  const bool encodes = format_info(to)->compressed;
  std::vector<std::vector<std::byte>> levels;
  for (std::uint32_t level = first_level; level < info.levels; ++level) {
    const bool measured = encodes && level == first_level;
    auto made = transcode_level(reader, level, {.format = to, .quality = quality, .threads = 0},
                                measured ? &meter : nullptr);
    if (!made) return fail_from(std::move(made).error(), name);
    levels.push_back(std::move(*made));
  }
  Ktx2WriteDesc file;
  file.format = to;
  file.width = mip_extent(info.width, first_level);
  file.height = mip_extent(info.height, first_level);
  file.layers = info.is_array ? info.layers : 0;
  file.faces = info.faces;
  for (const auto& level : levels) file.levels.emplace_back(level);
  TranscodedKtx2 result;
  FORGE3D_TRY_ASSIGN(result.bytes, write_ktx2(file));
  if (encodes) result.psnr_db = meter.psnr_db();
  return result;
}

}  // namespace forge3d::system
