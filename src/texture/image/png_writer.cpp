// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// PNG out: encode_png() and save_png().

#include <fmt/format.h>
#include <png.h>

#include <bit>
#include <csetjmp>
#include <cstring>
#include <exception>
#include <fstream>
#include <random>

#include "forge3d/image.hpp"
#include "texture/image/image_check.hpp"

namespace forge3d {
namespace {

// Fast and within a few percent of zlib's default on photographs.
constexpr int kZlibLevel = 4;
constexpr png_fixed_point kLinearGamma = 100000;

/// One libpng encoder; errors by longjmp as in PngReader.
class PngWriter {
 public:
  explicit PngWriter(const Image& image) : image_(image) {}
  ~PngWriter() { png_destroy_write_struct(&png_, &info_struct_); }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  Result<std::vector<std::byte>> encode();

 private:
  template <class Function>
  bool guarded(Function function) {
    if (setjmp(jump_) != 0) return false;
    function();
    return true;
  }
  static void on_error(png_structp png, png_const_charp message);
  static void on_warning(png_structp, png_const_charp) {}
  static void on_write(png_structp png, png_bytep data, std::size_t size_bytes);
  static void on_flush(png_structp) {}
  bool append(png_const_bytep data, std::size_t size_bytes);
  void write_header();
  void write_rows();

  const Image& image_;
  png_structp png_ = nullptr;
  png_infop info_struct_ = nullptr;
  std::jmp_buf jump_{};
  char message_[160] = {};
  std::vector<std::byte> bytes_;
};

void PngWriter::on_error(png_structp png, png_const_charp message) {
  auto* self = static_cast<PngWriter*>(png_get_error_ptr(png));
  std::strncpy(self->message_, message, sizeof(self->message_) - 1);
  std::longjmp(self->jump_, 1);
}

bool PngWriter::append(png_const_bytep data, std::size_t size_bytes) {
  try {  // nothing may be thrown through libpng's C frames
    const auto* begin = reinterpret_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), begin, begin + size_bytes);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void PngWriter::on_write(png_structp png, png_bytep data, std::size_t size_bytes) {
  auto* self = static_cast<PngWriter*>(png_get_io_ptr(png));
  if (!self->append(data, size_bytes)) png_error(png, "out of memory");
}

void PngWriter::write_header() {
  constexpr int kColourTypes[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                  PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  const ImageInfo& info = image_.info;
  png_set_write_fn(png_, this, on_write, on_flush);
  png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_compression_level(png_, kZlibLevel);
  png_set_IHDR(png_, info_struct_, info.width, info.height, info.type == SampleType::kU16 ? 16 : 8,
               kColourTypes[info.channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE,
               PNG_FILTER_TYPE_BASE);
  if (info.srgb)
    png_set_sRGB(png_, info_struct_, PNG_sRGB_INTENT_PERCEPTUAL);
  else
    png_set_gAMA_fixed(png_, info_struct_, kLinearGamma);
  png_write_info(png_, info_struct_);
  if constexpr (std::endian::native == std::endian::little)
    if (info.type == SampleType::kU16) png_set_swap(png_);
}

void PngWriter::write_rows() {
  const std::size_t row_bytes = image_.info.row_bytes();
  for (std::uint32_t y = 0; y < image_.info.height; ++y)
    png_write_row(png_, reinterpret_cast<png_const_bytep>(image_.pixels.data() + y * row_bytes));
  png_write_end(png_, nullptr);
}

Result<std::vector<std::byte>> PngWriter::encode() {
  png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
  if (png_ != nullptr) info_struct_ = png_create_info_struct(png_);
  if (info_struct_ == nullptr)
    return fail(ErrorCode::kOutOfHostMemory, "cannot allocate the PNG encoder");
  if (!guarded([this] {
        write_header();
        write_rows();
      })) {
    const bool memory = std::strstr(message_, "emory") != nullptr;
    return fail(memory ? ErrorCode::kOutOfHostMemory : ErrorCode::kInvalidArgument,
                fmt::format("cannot encode a PNG: {}", message_));
  }
  return std::move(bytes_);
}

Result<> check(const Image& image) {
  FORGE3D_TRY(texture::check_image(image));
  if (image.info.type == SampleType::kF32)
    return fail(ErrorCode::kInvalidArgument, "PNG holds no float samples; convert to 8 or 16 bit");
  return {};
}

/// A name beside `path` that no other writer of it uses.
std::filesystem::path temporary_beside(const std::filesystem::path& path) {
  std::filesystem::path temporary = path;
  temporary += fmt::format(".{:08x}.part", std::random_device{}());
  return temporary;
}

bool write_all(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  return file.good();
}

}  // namespace

Result<std::vector<std::byte>> encode_png(const Image& image) {
  FORGE3D_TRY(check(image));
  return PngWriter(image).encode();
}

Result<> save_png(const std::filesystem::path& path, const Image& image) {
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes, encode_png(image));
  const std::filesystem::path temporary = temporary_beside(path);
  std::error_code error;
  if (write_all(temporary, bytes))
    std::filesystem::rename(temporary, path, error);
  else
    error = std::make_error_code(std::errc::io_error);
  if (!error) return {};
  std::error_code ignored;
  std::filesystem::remove(temporary, ignored);
  return fail(ErrorCode::kIo, fmt::format("{}: cannot write {} bytes: {}", path.string(),
                                          bytes.size(), error.message()));
}

}  // namespace forge3d
