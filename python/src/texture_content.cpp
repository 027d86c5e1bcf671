// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <utility>

#include "forge3d/basis.hpp"
#include "images.hpp"
#include "textures.hpp"

namespace forge3d::python {
namespace {

using Clock = std::chrono::steady_clock;

// TIFF and BigTIFF, little-endian and big-endian.
constexpr std::array kTiffMagics = {std::string_view("II*\0", 4), std::string_view("MM\0*", 4),
                                    std::string_view("II+\0", 4), std::string_view("MM\0+", 4)};

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

bool begins_with(std::span<const std::byte> head, std::string_view magic) {
  return head.size() >= magic.size() && std::memcmp(head.data(), magic.data(), magic.size()) == 0;
}

/// The same texels as RGBA8: all levels, layers and faces.
std::uint64_t rgba8_bytes(const Ktx2Info& info) {
  std::uint64_t bytes = 0;
  for (std::uint32_t level = 0; level < info.levels; ++level)
    bytes += std::uint64_t{4} * mip_extent(info.width, level) * mip_extent(info.height, level) *
             mip_extent(info.depth, level) * info.layers * info.faces;
  return bytes;
}

/// A Basis file with all its levels, layers and faces as a file of blocks.
Result<std::vector<std::byte>> transcoded(const Ktx2Reader& reader, const BasisLevelDesc& desc) {
  const Ktx2Info& info = reader.info();
  FORGE3D_TRY_ASSIGN(const BasisTexture basis, BasisTexture::open(reader));
  std::vector<std::vector<std::byte>> levels(info.levels);
  for (std::uint32_t level = 0; level < info.levels; ++level) {
    FORGE3D_TRY_ASSIGN(levels[level], basis.transcode_level(level, desc));
  }
  Ktx2WriteDesc file{.format = desc.target,
                     .width = info.width,
                     .height = info.height,
                     .depth = info.depth > 1 ? info.depth : 0,
                     .layers = info.is_array ? info.layers : 0,
                     .faces = info.faces};
  for (const std::vector<std::byte>& bytes : levels) file.levels.emplace_back(bytes);
  return write_ktx2(file);
}

}  // namespace

Result<FileKind> file_kind(const std::string& path) {
  FORGE3D_TRY_ASSIGN(const auto source, open_file_source(path));
  std::array<std::byte, 12> head{};
  const auto count = std::min<std::uint64_t>(source->size_bytes(), head.size());
  const auto bytes = std::span(head).first(static_cast<std::size_t>(count));
  FORGE3D_TRY(source->read(0, bytes));
  if (begins_with(bytes, "\xabKTX 20\xbb\r\n\x1a\n")) return FileKind::kKtx2;
  if (begins_with(bytes, "PMTiles")) return FileKind::kPmtiles;
  for (const std::string_view magic : kTiffMagics)
    if (begins_with(bytes, magic)) return FileKind::kTiff;
  return FileKind::kPicture;
}

Result<std::shared_ptr<TextureContent>> TextureContent::load(const std::string& path,
                                                             const Wish& wish) {
  std::shared_ptr<TextureContent> content(new TextureContent);
  content->path_ = path;
  content->quality_ = wish.quality;
  FORGE3D_TRY(content->open(wish));
  return content;
}

TextureContent::~TextureContent() {
  if (const auto system = system_.lock()) (void)system->unload_texture(shape_.id);
}

Result<> TextureContent::open(const Wish& wish) {
  FORGE3D_TRY_ASSIGN(const FileKind kind, file_kind(path_));
  if (kind == FileKind::kPmtiles)
    return fail(ErrorCode::kNotSupported,
                path_ + " is a tile archive; forge3d.streaming loads it, a page at a time");
  is_picture_ = kind != FileKind::kKtx2;
  if (!is_picture_) {
    FORGE3D_TRY_ASSIGN(reader_, Ktx2Reader::open(path_));
    file_format_ = reader_->info().format;
    file_srgb_ = reader_->info().srgb;
    shape_.basis_model = reader_->info().basis_model;
  }
  return wish.system != nullptr ? put_on_device(wish) : prepare_here(wish);
}

Result<> TextureContent::put_on_device(const Wish& wish) {
  FORGE3D_TRY_ASSIGN(shape_, wish.system->load_texture(path_, {.preferred_format = wish.format,
                                                               .quality = wish.quality}));
  system_ = wish.system;
  return {};
}

Result<> TextureContent::prepare_here(const Wish& wish) {
  const auto begin = Clock::now();
  const bool as_stored =
      !is_picture_ && (wish.format == Format::kUndefined ||
                       with_srgb(wish.format, false) == with_srgb(file_format_, false));
  shape_.reason = "kept as it is stored: there is no device to choose for";
  if (!as_stored) {
    const Format format = wish.format == Format::kUndefined ? Format::kBC7Unorm : wish.format;
    FORGE3D_TRY_ASSIGN(encoded_, make_file(format, wish.quality));
    FORGE3D_TRY_ASSIGN(reader_, Ktx2Reader::open(make_memory_source(*encoded_, path_)));
  }
  take_shape(reader_->info());
  shape_.decode_ms = ms_since(begin);
  return {};
}

Result<std::shared_ptr<const std::vector<std::byte>>> TextureContent::make_file(Format format,
                                                                                Quality quality) {
  using Bytes = const std::vector<std::byte>;
  const Format target = with_srgb(format, file_srgb_);
  if (!is_picture_ && can_transcode(shape_.basis_model, target)) {
    shape_.reason = "transcoded here, on the CPU";
    auto bytes = transcoded(*reader_, {.target = target, .quality = quality, .threads = 0});
    if (!bytes) return fail_from(std::move(bytes).error(), path_);
    return std::make_shared<Bytes>(*std::move(bytes));
  }
  shape_.reason = "encoded here, on the CPU";
  FORGE3D_TRY_ASSIGN(CompressResult result, encode(format, quality));
  shape_.psnr_db = result.psnr_db;
  return std::make_shared<Bytes>(std::move(result.ktx2));
}

Result<CompressResult> TextureContent::encode(Format format, Quality quality) {
  if (is_picture_) {
    FORGE3D_TRY_ASSIGN(const Image image, load_image(path_));
    return compress(image, {.format = format, .quality = quality, .mipmaps = true});
  }
  const Ktx2Info& info = reader_->info();
  if (info.layers != 1 || info.faces != 1 || info.depth != 1)
    return fail(ErrorCode::kNotSupported,
                path_ +
                    ": only a single 2D image changes its format; arrays, cubes and 3D keep "
                    "theirs");
  auto image = decode_ktx2_slice(*reader_, {});
  if (!image) return fail_from(std::move(image).error(), path_);
  return compress(*image, {.format = format, .quality = quality, .mipmaps = info.levels > 1});
}

void TextureContent::take_shape(const Ktx2Info& info) {
  shape_.format = info.format;
  shape_.width = info.width;
  shape_.height = info.height;
  shape_.levels = info.levels;
  shape_.layers = info.layers * info.faces;
  for (const Ktx2Info::Level& level : info.level_index) {
    shape_.stored_bytes += level.stored_bytes;
    shape_.device_bytes += level.bytes != 0 ? level.bytes : level.stored_bytes;  // BasisLZ
  }
  shape_.uncompressed_bytes = rgba8_bytes(info);
  if (shape_.device_bytes > 0)
    shape_.compression_ratio =
        static_cast<double>(shape_.uncompressed_bytes) / static_cast<double>(shape_.device_bytes);
}

Result<Image> TextureContent::sample(std::uint32_t level, std::uint32_t layer) const {
  const auto system = system_.lock();
  if (system == nullptr)
    return fail(ErrorCode::kInvalidArgument,
                path_ + " is not on a device: sampling needs forge3d.memory.init_memory_system()");
  FORGE3D_TRY_ASSIGN(const auto texture, system->texture(shape_.id));
  auto ring = system->ring();
  if (ring == nullptr) {  // a system without staging
    FORGE3D_TRY_ASSIGN(ring, StagingRing::create(system->device(), {.upload_bytes = kMebibyte,
                                                                    .readback_bytes = kMebibyte}));
  }
  return sample_texels(system->device(), *ring, *texture, level, layer);
}

Result<const Ktx2Reader*> TextureContent::reader() {
  const std::lock_guard lock(mutex_);
  if (!reader_) {
    FORGE3D_TRY_ASSIGN(CompressResult result, encode(shape_.format, quality_));
    encoded_ = std::make_shared<const std::vector<std::byte>>(std::move(result.ktx2));
    FORGE3D_TRY_ASSIGN(reader_, Ktx2Reader::open(make_memory_source(*encoded_, path_)));
  }
  return &*reader_;
}

}  // namespace forge3d::python
