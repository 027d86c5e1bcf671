// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// forge3d.compressed.Texture: a KTX2 file or an encoded picture, its levels, and its copy on the
// device where there is a memory system for it.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "forge3d/compress.hpp"
#include "forge3d/ktx2_image.hpp"
#include "life.hpp"
#include "system_access.hpp"

namespace forge3d::python {

/// What a texture is made of. Thread-safe after creation.
class TextureContent {
 public:
  struct Wish {
    Format format = Format::kUndefined;  ///< kUndefined: the file's own; BC7 for pictures.
    Quality quality = Quality::kHigh;
    std::shared_ptr<MemorySystem> system;  ///< Null: no copy on the device.
  };

  /// Opens `path`, told by its content. Errors: those of the readers, compress() and the system.
  [[nodiscard]] static Result<std::shared_ptr<TextureContent>> load(const std::string& path,
                                                                    const Wish& wish);
  ~TextureContent();
  TextureContent(const TextureContent&) = delete;
  TextureContent& operator=(const TextureContent&) = delete;

  [[nodiscard]] const std::string& name() const { return path_; }
  /// What the levels are read from. A picture whose copy is on the device is encoded for it by the
  /// first call. Errors: compress()'s.
  [[nodiscard]] Result<const Ktx2Reader*> reader();

  [[nodiscard]] Format file_format() const { return file_format_; }  ///< kUndefined: a picture.
  [[nodiscard]] BasisModel basis_model() const { return shape_.basis_model; }
  [[nodiscard]] const std::string& reason() const { return shape_.reason; }
  [[nodiscard]] Format format() const { return shape_.format; }
  /// Of the texels; of Basis Universal files as they say.
  [[nodiscard]] bool srgb() const {
    const FormatInfo* info = format_info(shape_.format);
    return info != nullptr ? info->srgb : file_srgb_;
  }
  [[nodiscard]] std::uint32_t width() const { return shape_.width; }
  [[nodiscard]] std::uint32_t height() const { return shape_.height; }
  [[nodiscard]] std::uint32_t levels() const { return shape_.levels; }
  [[nodiscard]] std::uint32_t layers() const { return shape_.layers; }
  [[nodiscard]] std::uint64_t stored_bytes() const { return shape_.stored_bytes; }
  /// Bytes of all levels in format(): on the device what they take there, else what they would.
  [[nodiscard]] std::uint64_t level_bytes() const { return shape_.device_bytes; }
  [[nodiscard]] std::uint64_t uncompressed_bytes() const { return shape_.uncompressed_bytes; }
  [[nodiscard]] double compression_ratio() const { return shape_.compression_ratio; }
  [[nodiscard]] double decode_ms() const { return shape_.decode_ms; }
  [[nodiscard]] std::optional<double> psnr_db() const { return shape_.psnr_db; }
  /// False, too, when the memory system is gone.
  [[nodiscard]] bool on_device() const { return !system_.expired(); }
  /// One level and layer through the device's sampler; see sample_texels(). Errors: its own,
  /// kInvalidArgument where the texture is not on a device.
  [[nodiscard]] Result<Image> sample(std::uint32_t level, std::uint32_t layer) const;

 private:
  TextureContent() = default;
  [[nodiscard]] Result<> open(const Wish& wish);
  [[nodiscard]] Result<> put_on_device(const Wish& wish);
  [[nodiscard]] Result<> prepare_here(const Wish& wish);
  /// A KTX2 file of `format`: transcoded with all levels, layers and faces, or else encoded; says
  /// which as the reason.
  [[nodiscard]] Result<std::shared_ptr<const std::vector<std::byte>>> make_file(Format format,
                                                                                Quality quality);
  /// Encodes the picture, or the file's first level, as `format`. REQUIRES: mutex_ or nobody else.
  [[nodiscard]] Result<CompressResult> encode(Format format, Quality quality);
  void take_shape(const Ktx2Info& info);

  std::string path_;
  bool is_picture_ = false;
  Quality quality_ = Quality::kHigh;
  Format file_format_ = Format::kUndefined;
  bool file_srgb_ = false;
  SystemTextureInfo shape_;
  // Not kept alive, so that its shutdown gives everything back. Set: shape_.id is a texture of it.
  std::weak_ptr<MemorySystem> system_;
  std::mutex mutex_;  // guards what follows
  std::shared_ptr<const std::vector<std::byte>> encoded_;
  std::optional<Ktx2Reader> reader_;
};

/// forge3d.compressed.Texture.
class PyTexture : public Owned<TextureContent> {
 public:
  explicit PyTexture(std::shared_ptr<TextureContent> content)
      : Owned("Texture", std::move(content)) {}
};

/// What the file begins with.
enum class FileKind : std::uint8_t { kKtx2, kPmtiles, kTiff, kPicture };
/// Errors: kIo.
[[nodiscard]] Result<FileKind> file_kind(const std::string& path);

void bind_textures(nb::module_& module);

}  // namespace forge3d::python
