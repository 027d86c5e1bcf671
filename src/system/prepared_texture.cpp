// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/prepared_texture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/thread_clock.hpp"
#include "forge3d/basis.hpp"
#include "forge3d/compress.hpp"
#include "system/device_format.hpp"
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

/// The choice for a file, and what reads it where it is one of Basis Universal.
Result<DeviceFormat> choose(const Device& device, const Ktx2Reader& reader,
                            const std::optional<BasisTexture>& basis,
                            const SystemTextureDesc& desc) {
  const Ktx2Info& info = reader.info();
  DeviceFormatQuery query{.info = info,
                          .preferred = desc.preferred_format,
                          .quality = desc.quality,
                          .can_sample = [&device, volume = info.depth > 1](Format format) {
                            return device.can_sample(format, volume);
                          }};
  if (basis) query.channels = basis->channels();
  // Only then alpha decides: BC6H has none.
  if (!basis && is_hdr(info.format) && info.format != Format::kBC6HUfloat &&
      desc.preferred_format == Format::kUndefined && !query.can_sample(info.format)) {
    FORGE3D_TRY_ASSIGN(query.translucent, has_translucent_halves(reader, desc.first_level));
  }
  return choose_device_format(query);
}

Result<PreparedTexture> prepare_ktx2(const Device& device, std::shared_ptr<ByteSource> source,
                                     const SystemTextureDesc& desc) {
  const std::uint64_t begin_ns = monotonic_ns();
  const std::string name = source->name();
  FORGE3D_TRY_ASSIGN(Ktx2Reader reader, Ktx2Reader::open(std::move(source)));
  Ktx2Info info = reader.info();
  if (desc.first_level >= info.levels)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: first_level {} of {}", name, desc.first_level, info.levels));
  std::optional<BasisTexture> basis;
  if (info.basis_model != BasisModel::kNone) {
    FORGE3D_TRY_ASSIGN(basis, BasisTexture::open(reader));
  }
  auto choice = choose(device, reader, basis, desc);
  if (!choice) return fail_from(std::move(choice).error(), name);
  PreparedTexture prepared;
  prepared.file_format = info.format;
  prepared.basis_model = info.basis_model;
  prepared.reason = choice->reason;
  prepared.first_level = desc.first_level;
  const auto maker = std::make_shared<LevelMaker>(std::move(reader), std::move(basis), *choice,
                                                  desc.quality, desc.first_level);
  info.format = choice->format;
  prepared.levels = {std::move(info), [maker](std::uint32_t level) { return maker->open(level); }};
  prepared.psnr_db = [maker] { return maker->psnr_db(); };
  prepared.decode_ns = monotonic_ns() - begin_ns;
  return prepared;
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
  FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, read_bytes(std::move(made->ktx2), name));
  PreparedTexture prepared;
  prepared.levels = levels_of(reader);
  prepared.reason = std::move(made->reason);
  prepared.first_level = desc.first_level;
  prepared.psnr_db = [psnr_db] { return psnr_db; };
  prepared.decode_ns = monotonic_ns() - begin_ns;
  prepared.stored_bytes = image.pixels.size();
  return prepared;
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
