// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/image/jpeg_reader.hpp"

// jpeglib.h needs FILE and size_t declared before it.
#include <fmt/format.h>
#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <climits>
#include <csetjmp>
#include <cstdio>
#include <optional>

#include "texture/image/byte_cursor.hpp"

namespace forge3d::texture {
namespace {

// A progressive file may name any number of scans, each a pass over the whole picture. Real
// encoders write about ten.
constexpr int kMaxScans = 500;

/// One libjpeg decoder. Its errors come by longjmp: as in PngReader, calls go through guarded() and
/// state lives in members.
class JpegReader final : public RowReader {
 public:
  explicit JpegReader(std::shared_ptr<const ByteSource> source) : cursor_(std::move(source)) {}
  ~JpegReader() override {
    if (created_) jpeg_destroy_decompress(&jpeg_);
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

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
  static JpegReader* self(j_common_ptr jpeg) { return static_cast<JpegReader*>(jpeg->client_data); }
  static JpegReader* self(j_decompress_ptr jpeg) {
    return static_cast<JpegReader*>(jpeg->client_data);
  }
  [[noreturn]] static void on_error(j_common_ptr jpeg);
  static void on_message(j_common_ptr jpeg, int level);
  static void on_progress(j_common_ptr jpeg);
  static boolean on_fill(j_decompress_ptr jpeg);
  static void on_skip(j_decompress_ptr jpeg, long count);
  bool fill();
  void create();
  void set_up_source();
  Result<> check_limits(const ImageLimits& limits);
  Result<> choose_colours();
  tl::unexpected<Error> failure(std::string_view where);

  ByteCursor cursor_;
  jpeg_decompress_struct jpeg_{};
  jpeg_error_mgr errors_{};
  jpeg_source_mgr source_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  char message_[JMSG_LENGTH_MAX] = {};
  std::optional<Error> read_error_;
  ImageInfo info_;
  std::uint32_t next_row_ = 0;
  bool created_ = false;
  bool failed_ = false;
};

void JpegReader::on_error(j_common_ptr jpeg) {
  JpegReader* reader = self(jpeg);
  jpeg->err->format_message(jpeg, reader->message_);
  std::longjmp(reader->jump_, 1);
}

/// libjpeg calls corrupt data a warning and invents pixels. Here it is an error, but for two that
/// change no pixel: an unknown Adobe transform, and filler before the end marker.
void JpegReader::on_message(j_common_ptr jpeg, int level) {
  if (level >= 0 || jpeg->err->msg_code == JWRN_ADOBE_XFORM) return;
  const bool filler_at_end =
      jpeg->err->msg_code == JWRN_EXTRANEOUS_DATA && jpeg->err->msg_parm.i[1] == JPEG_EOI;
  if (!filler_at_end) on_error(jpeg);
}

void JpegReader::on_progress(j_common_ptr jpeg) {
  auto* decoder = reinterpret_cast<j_decompress_ptr>(jpeg);
  if (decoder->input_scan_number > kMaxScans) ERREXIT(jpeg, JERR_INPUT_EOF);
}

bool JpegReader::fill() {
  auto chunk = cursor_.next_chunk();
  if (!chunk) {
    read_error_ = std::move(chunk).error();
    return false;
  }
  source_.next_input_byte = reinterpret_cast<const JOCTET*>(chunk->data());
  source_.bytes_in_buffer = chunk->size();
  return true;
}

boolean JpegReader::on_fill(j_decompress_ptr jpeg) {
  if (!self(jpeg)->fill()) ERREXIT(jpeg, JERR_INPUT_EOF);
  return TRUE;
}

void JpegReader::on_skip(j_decompress_ptr jpeg, long count) {
  while (count > 0) {
    const auto step = std::min(static_cast<std::size_t>(count), jpeg->src->bytes_in_buffer);
    jpeg->src->next_input_byte += step;
    jpeg->src->bytes_in_buffer -= step;
    count -= static_cast<long>(step);
    if (count > 0) on_fill(jpeg);
  }
}

tl::unexpected<Error> JpegReader::failure(std::string_view where) {
  failed_ = true;
  Error error{ErrorCode::kInvalidFile, 0, message_, {}};
  const int code = errors_.msg_code;
  if (code == JERR_OUT_OF_MEMORY) error.code = ErrorCode::kOutOfHostMemory;
  if (code == JERR_SOF_UNSUPPORTED || code == JERR_BAD_PRECISION || code == JERR_ARITH_NOTIMPL ||
      code == JERR_CONVERSION_NOTIMPL)
    error.code = ErrorCode::kNotSupported;
  if (read_error_) error = *std::move(read_error_);
  error.message = fmt::format("{}: JPEG, {}: {}", cursor_.source().name(), where, error.message);
  return tl::unexpected<Error>(std::move(error));
}

void JpegReader::create() {
  jpeg_.err = jpeg_std_error(&errors_);
  errors_.error_exit = on_error;
  errors_.emit_message = on_message;
  jpeg_.client_data = this;
  jpeg_create_decompress(&jpeg_);
  created_ = true;
}

void JpegReader::set_up_source() {
  source_.init_source = [](j_decompress_ptr) {};
  source_.fill_input_buffer = on_fill;
  source_.skip_input_data = on_skip;
  source_.resync_to_restart = jpeg_resync_to_restart;
  source_.term_source = [](j_decompress_ptr) {};
  jpeg_.src = &source_;
  progress_.progress_monitor = on_progress;
  jpeg_.progress = &progress_;
}

Result<> JpegReader::check_limits(const ImageLimits& limits) {
  const auto refuse = [&](const std::string& rule) {
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}: JPEG of {} x {} pixels {}", cursor_.source().name(), info_.width,
                            info_.height, rule));
  };
  if (std::max(info_.width, info_.height) > limits.max_extent)
    return refuse(fmt::format("passes the extent limit of {}", limits.max_extent));
  const std::uint64_t pixels = std::uint64_t{info_.width} * info_.height;
  if (pixels > limits.max_pixels)
    return refuse(fmt::format("passes the limit of {} pixels", limits.max_pixels));
  // Every 8 x 8 block of the finest component takes at least one bit, if Huffman coded.
  if (!jpeg_.arith_code && pixels / 64 / 8 > cursor_.source().size_bytes())
    return refuse(fmt::format("cannot come from a file of {} bytes; it is cut off",
                              cursor_.source().size_bytes()));
  const auto components = static_cast<std::uint64_t>(jpeg_.num_components);
  if (jpeg_has_multiple_scans(&jpeg_) && pixels * components * 2 > limits.max_resident_bytes)
    return refuse(fmt::format("is progressive and passes the limit of {} resident bytes",
                              limits.max_resident_bytes));
  jpeg_.mem->max_memory_to_use =
      static_cast<long>(std::min<std::uint64_t>(limits.max_resident_bytes, LONG_MAX));
  return {};
}

Result<> JpegReader::choose_colours() {
  const bool grey = jpeg_.jpeg_color_space == JCS_GRAYSCALE;
  if (!grey && jpeg_.jpeg_color_space != JCS_YCbCr && jpeg_.jpeg_color_space != JCS_RGB)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: JPEG with {} components (CMYK or unknown colours); only grey and "
                            "RGB are read",
                            cursor_.source().name(), jpeg_.num_components));
  jpeg_.out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
  info_.channels = grey ? 1 : 3;
  return {};
}

Result<> JpegReader::read_header(const ImageLimits& limits) {
  if (!guarded([this] {
        create();
        set_up_source();
        jpeg_read_header(&jpeg_, TRUE);
      }))
    return failure("header");
  info_.width = jpeg_.image_width;
  info_.height = jpeg_.image_height;
  FORGE3D_TRY(check_limits(limits));
  FORGE3D_TRY(choose_colours());
  return {};
}

Result<> JpegReader::read_row(std::span<std::byte> row) {
  if (failed_ || next_row_ >= info_.height || row.size() != info_.row_bytes())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: row {} of {} asked for with {} bytes{}", cursor_.source().name(),
                            next_row_, info_.height, row.size(), failed_ ? " after an error" : ""));
  const auto read = [this, row] {
    if (next_row_ == 0) jpeg_start_decompress(&jpeg_);
    auto* out = reinterpret_cast<JSAMPROW>(row.data());
    jpeg_read_scanlines(&jpeg_, &out, 1);
    // Reads on to the end marker, so that a cut behind the pixels is seen.
    if (next_row_ + 1 == info_.height) jpeg_finish_decompress(&jpeg_);
  };
  if (!guarded(read)) return failure(fmt::format("row {}", next_row_));
  ++next_row_;
  return {};
}

}  // namespace

Result<std::unique_ptr<RowReader>> open_jpeg(std::shared_ptr<const ByteSource> source,
                                             const ImageLimits& limits) {
  auto reader = std::make_unique<JpegReader>(std::move(source));
  FORGE3D_TRY(reader->read_header(limits));
  return reader;
}

}  // namespace forge3d::texture
