// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/image/png_reader.hpp"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <bit>
#include <csetjmp>
#include <cstring>
#include <optional>
#include <vector>

#include "texture/allocate.hpp"
#include "texture/image/byte_cursor.hpp"

namespace forge3d::texture {
namespace {

// Deflate cannot shrink below 1/1032; a picture larger than that times the file is cut off.
constexpr std::uint64_t kMaxDeflateRatio = 1032;

// Chunks whose content is of no use here, some of which inflate. Their CRC is checked all the same.
constexpr png_byte kSkippedChunks[] =
    "iCCP\0zTXt\0iTXt\0tEXt\0eXIf\0sPLT\0hIST\0pCAL\0sCAL\0oFFs\0pHYs\0tIME\0bKGD";

/// One libpng decoder. libpng reports errors by longjmp: every call goes through guarded(), whose
/// callee holds trivial objects only, and all state that must survive lives in members.
class PngReader final : public RowReader {
 public:
  explicit PngReader(std::shared_ptr<const ByteSource> source) : cursor_(std::move(source)) {}
  ~PngReader() override { png_destroy_read_struct(&png_, &info_struct_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  Result<> read_header(const ImageLimits& limits);
  const ImageInfo& info() const override { return info_; }
  Result<> read_row(std::span<std::byte> row) override;

 private:
  template <class Function>
  bool guarded(Function function) {
    if (setjmp(jump_) != 0) return false;
    function();
    return true;
  }
  static void on_error(png_structp png, png_const_charp message);
  static void on_warning(png_structp, png_const_charp) {}
  static void on_read(png_structp png, png_bytep data, std::size_t size_bytes);
  bool fill(png_bytep data, std::size_t size_bytes);
  void set_up();
  void expand();
  bool reads_linear() const;
  Result<> check_limits(const ImageLimits& limits) const;
  Result<> decode_interlaced();
  Result<> decode_next(std::span<std::byte> row);
  tl::unexpected<Error> failure(std::string_view where);

  ByteCursor cursor_;
  png_structp png_ = nullptr;
  png_infop info_struct_ = nullptr;
  std::jmp_buf jump_{};
  char message_[160] = {};
  std::optional<Error> read_error_;
  ImageInfo info_;
  std::uint32_t next_row_ = 0;
  bool interlaced_ = false;
  bool failed_ = false;
  std::vector<std::byte> whole_;  // of an interlaced file, once read
};

void PngReader::on_error(png_structp png, png_const_charp message) {
  auto* self = static_cast<PngReader*>(png_get_error_ptr(png));
  std::strncpy(self->message_, message, sizeof(self->message_) - 1);
  std::longjmp(self->jump_, 1);
}

bool PngReader::fill(png_bytep data, std::size_t size_bytes) {
  auto result = cursor_.read(std::as_writable_bytes(std::span(data, size_bytes)));
  if (!result) read_error_ = std::move(result).error();
  return !read_error_;
}

void PngReader::on_read(png_structp png, png_bytep data, std::size_t size_bytes) {
  auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
  if (!self->fill(data, size_bytes)) png_error(png, "cannot read");
}

tl::unexpected<Error> PngReader::failure(std::string_view where) {
  failed_ = true;
  const bool memory = std::strstr(message_, "emory") != nullptr;
  Error error{memory ? ErrorCode::kOutOfHostMemory : ErrorCode::kInvalidFile, 0, message_, {}};
  if (read_error_) error = *std::move(read_error_);
  error.message = fmt::format("{}: PNG, {}: {}", cursor_.source().name(), where, error.message);
  return tl::unexpected<Error>(std::move(error));
}

void PngReader::set_up() {
  png_set_read_fn(png_, this, on_read);
  // A wrong checksum is an error in every chunk, also in those that nobody needs.
  png_set_crc_action(png_, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, kSkippedChunks,
                              sizeof(kSkippedChunks) / 5);
  png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
}

bool PngReader::reads_linear() const {
  png_fixed_point gamma = 0;
  if (png_get_valid(png_, info_struct_, PNG_INFO_sRGB) != 0) return false;
  return png_get_gAMA_fixed(png_, info_struct_, &gamma) != 0 && gamma > 99000 && gamma < 101000;
}

void PngReader::expand() {
  png_set_expand(png_);
  if constexpr (std::endian::native == std::endian::little) png_set_swap(png_);
  interlaced_ = png_set_interlace_handling(png_) > 1;
  png_read_update_info(png_, info_struct_);
  info_.channels = png_get_channels(png_, info_struct_);
  info_.type = png_get_bit_depth(png_, info_struct_) == 16 ? SampleType::kU16 : SampleType::kU8;
  info_.srgb = !reads_linear();
}

Result<> PngReader::check_limits(const ImageLimits& limits) const {
  const auto refuse = [&](const std::string& rule) {
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}: PNG of {} x {} pixels {}", cursor_.source().name(), info_.width,
                            info_.height, rule));
  };
  if (std::max(info_.width, info_.height) > limits.max_extent)
    return refuse(fmt::format("passes the extent limit of {}", limits.max_extent));
  const std::uint64_t pixels = std::uint64_t{info_.width} * info_.height;
  if (pixels > limits.max_pixels)
    return refuse(fmt::format("passes the limit of {} pixels", limits.max_pixels));
  const std::uint64_t packed = png_get_rowbytes(png_, info_struct_);  // before expansion
  const std::uint64_t floor = packed * info_.height / kMaxDeflateRatio;
  if (floor > cursor_.source().size_bytes())
    return refuse(fmt::format("cannot come from a file of {} bytes; it is cut off",
                              cursor_.source().size_bytes()));
  const bool adam7 = png_get_interlace_type(png_, info_struct_) != PNG_INTERLACE_NONE;
  if (adam7 && pixels > limits.max_resident_bytes / 8)  // 8: most bytes a pixel can expand to
    return refuse(fmt::format("is interlaced and passes the limit of {} resident bytes",
                              limits.max_resident_bytes));
  return {};
}

Result<> PngReader::read_header(const ImageLimits& limits) {
  png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
  if (png_ != nullptr) info_struct_ = png_create_info_struct(png_);
  if (info_struct_ == nullptr)
    return fail(ErrorCode::kOutOfHostMemory, "cannot allocate the PNG decoder");
  if (!guarded([this] {
        set_up();
        png_read_info(png_, info_struct_);
      }))
    return failure("header");
  info_.width = png_get_image_width(png_, info_struct_);
  info_.height = png_get_image_height(png_, info_struct_);
  FORGE3D_TRY(check_limits(limits));
  if (!guarded([this] { expand(); })) return failure("header");
  return {};
}

Result<> PngReader::decode_next(std::span<std::byte> row) {
  const auto read = [this, row] {
    png_read_row(png_, reinterpret_cast<png_bytep>(row.data()), nullptr);
    // What follows the pixels is read too: a file cut behind them is still cut.
    if (next_row_ + 1 == info_.height) png_read_end(png_, nullptr);
  };
  if (!guarded(read)) return failure(fmt::format("row {}", next_row_));
  return {};
}

Result<> PngReader::decode_interlaced() {
  if (!whole_.empty()) return {};
  const std::size_t row_bytes = info_.row_bytes();
  FORGE3D_TRY_ASSIGN(whole_, allocate_bytes(std::uint64_t{row_bytes} * info_.height));
  const auto read = [this, row_bytes] {
    for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; ++pass)
      for (std::uint32_t y = 0; y < info_.height; ++y)
        png_read_row(png_, reinterpret_cast<png_bytep>(whole_.data() + y * row_bytes), nullptr);
    png_read_end(png_, nullptr);
  };
  if (!guarded(read)) return failure("interlaced rows");
  return {};
}

Result<> PngReader::read_row(std::span<std::byte> row) {
  if (failed_ || next_row_ >= info_.height || row.size() != info_.row_bytes())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: row {} of {} asked for with {} bytes{}", cursor_.source().name(),
                            next_row_, info_.height, row.size(), failed_ ? " after an error" : ""));
  if (interlaced_) {
    FORGE3D_TRY(decode_interlaced());
    std::memcpy(row.data(), whole_.data() + next_row_ * row.size(), row.size());
  } else {
    FORGE3D_TRY(decode_next(row));
  }
  ++next_row_;
  return {};
}

}  // namespace

Result<std::unique_ptr<RowReader>> open_png(std::shared_ptr<const ByteSource> source,
                                            const ImageLimits& limits) {
  auto reader = std::make_unique<PngReader>(std::move(source));
  FORGE3D_TRY(reader->read_header(limits));
  return reader;
}

}  // namespace forge3d::texture
