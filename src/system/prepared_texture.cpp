// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/prepared_texture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/thread_clock.hpp"
#include "forge3d/compress.hpp"
#include "system/ktx2_transcode.hpp"

namespace forge3d::system {
namespace {

constexpr std::array<unsigned char, 12> kKtx2Identifier = {0xAB, 'K',  'T',  'X',  ' ',  '2',
                                                           '0',  0xBB, '\r', '\n', 0x1A, '\n'};

std::string name_of(Format format) {
  const FormatInfo* info = format_info(format);
  return info != nullptr ? std::string(info->name)
                         : fmt::format("vkFormat {}", static_cast<std::uint32_t>(format));
}

/// A file's bytes that the reader keeps.
class OwnedBytes : public ByteSource {
 public:
  OwnedBytes(std::vector<std::byte> bytes, std::string name)
      : bytes_(std::move(bytes)), name_(std::move(name)) {}
  [[nodiscard]] std::uint64_t size_bytes() const override { return bytes_.size(); }
  [[nodiscard]] Result<> read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset)
      return fail(ErrorCode::kIo, name_ + ": read past the end");
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return {};
  }
  [[nodiscard]] std::string name() const override { return name_; }

 private:
  std::vector<std::byte> bytes_;
  std::string name_;
};

Result<Ktx2Reader> read_bytes(std::vector<std::byte> bytes, const std::string& name) {
  return Ktx2Reader::open(std::make_shared<OwnedBytes>(std::move(bytes), name));
}

Result<bool> is_ktx2(const ByteSource& source) {
  std::array<std::byte, kKtx2Identifier.size()> head{};
  if (source.size_bytes() < head.size()) return false;
  FORGE3D_TRY(source.read(0, head));
  return std::memcmp(head.data(), kKtx2Identifier.data(), head.size()) == 0;
}

Result<> check_sampled(const Device& device, Format format, const std::string& name) {
  if (device.can_sample(format)) return {};
  return fail(ErrorCode::kNotSupported,
              fmt::format("{}: {} cannot sample {}", name, device.info().name, name_of(format)));
}

/// The format on the device for a file of `stored`.
Result<Format> choose_format(const Device& device, const Ktx2Info& info, Format preferred,
                             const std::string& name) {
  if (info.supercompression == Supercompression::kBasisLz || info.format == Format::kUndefined)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: {} cannot be decoded yet", name,
                            info.supercompression == Supercompression::kBasisLz
                                ? std::string("BasisLZ")
                                : fmt::format("vkFormat {}", info.vk_format)));
  const bool srgb = format_info(info.format)->srgb;
  if (preferred == Format::kUndefined && device.can_sample(info.format)) return info.format;
  const Format wanted =
      with_srgb(preferred == Format::kUndefined ? Format::kRGBA8Unorm : preferred, srgb);
  if (wanted != info.format && !can_transcode(info.format, wanted))
    return fail(ErrorCode::kNotSupported,
                preferred == Format::kUndefined
                    ? fmt::format("{}: {} cannot sample {}, and this build cannot decode it", name,
                                  device.info().name, name_of(info.format))
                    : fmt::format("{}: {} cannot be made of {} here", name, name_of(wanted),
                                  name_of(info.format)));
  FORGE3D_TRY(check_sampled(device, wanted, name));
  return wanted;
}

Result<PreparedTexture> prepare_ktx2(const Device& device, std::shared_ptr<ByteSource> source,
                                     const SystemTextureDesc& desc) {
  const std::uint64_t begin_ns = monotonic_ns();
  const std::string name = source->name();
  FORGE3D_TRY_ASSIGN(Ktx2Reader reader, Ktx2Reader::open(std::move(source)));
  const Ktx2Info& info = reader.info();
  FORGE3D_TRY_ASSIGN(const Format format, choose_format(device, info, desc.preferred_format, name));
  if (desc.first_level >= info.levels)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: first_level {} of {}", name, desc.first_level, info.levels));
  const Format file_format = info.format;
  if (format == file_format)
    return PreparedTexture{std::move(reader),         file_format,
                           desc.first_level,          std::nullopt,
                           monotonic_ns() - begin_ns, 0};
  std::uint64_t stored_bytes = 0;
  for (std::uint32_t level = desc.first_level; level < info.levels; ++level)
    stored_bytes += info.level_index[level].stored_bytes;
  FORGE3D_TRY_ASSIGN(TranscodedKtx2 made,
                     transcode_ktx2(reader, format, desc.quality, desc.first_level, name));
  FORGE3D_TRY_ASSIGN(Ktx2Reader made_reader, read_bytes(std::move(made.bytes), name));
  return PreparedTexture{std::move(made_reader),    file_format, 0, made.psnr_db,
                         monotonic_ns() - begin_ns, stored_bytes};
}

}  // namespace

Result<PreparedTexture> prepare_image(const Device& device, const Image& image,
                                      const std::string& name, const SystemTextureDesc& desc) {
  const std::uint64_t begin_ns = monotonic_ns();
  Format format = desc.preferred_format;
  if (format == Format::kUndefined)
    format = device.can_sample(Format::kBC7Unorm) ? Format::kBC7Unorm : Format::kRGBA8Unorm;
  format = with_srgb(format, image.info.srgb);
  FORGE3D_TRY(check_sampled(device, format, name));
  auto made = compress(image, {.format = format, .quality = desc.quality, .mipmaps = desc.mipmaps});
  if (!made) return fail_from(std::move(made).error(), name);
  if (desc.first_level >= made->levels)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: first_level {} of {}", name, desc.first_level, made->levels));
  std::optional<double> psnr_db;
  if (format_info(made->format)->compressed) psnr_db = made->psnr_db;
  FORGE3D_TRY_ASSIGN(Ktx2Reader reader, read_bytes(std::move(made->ktx2), name));
  return PreparedTexture{std::move(reader), Format::kUndefined,        desc.first_level,
                         psnr_db,           monotonic_ns() - begin_ns, image.pixels.size()};
}

Result<PreparedTexture> prepare_file(const Device& device, const std::filesystem::path& path,
                                     const SystemTextureDesc& desc) {
  const std::uint64_t begin_ns = monotonic_ns();
  FORGE3D_TRY_ASSIGN(std::shared_ptr<ByteSource> source, open_file_source(path));
  FORGE3D_TRY_ASSIGN(const bool ktx2, is_ktx2(*source));
  if (ktx2) return prepare_ktx2(device, std::move(source), desc);
  FORGE3D_TRY_ASSIGN(const Image image, load_image(source));
  FORGE3D_TRY_ASSIGN(PreparedTexture made, prepare_image(device, image, source->name(), desc));
  made.decode_ns = monotonic_ns() - begin_ns;
  made.stored_bytes = source->size_bytes();
  return made;
}

}  // namespace forge3d::system
