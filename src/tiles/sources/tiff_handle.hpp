// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TiffHandle: one libtiff handle over a ByteSource, with its messages caught.

#include <tiffio.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "forge3d/byte_source.hpp"
#include "forge3d/result.hpp"

namespace forge3d::tiles {

/// No allocation of libtiff passes this.
inline constexpr std::uint64_t kMaxTiffAllocation = std::uint64_t{256} << 20;

/// Owns the handle; not thread-safe, as libtiff's handles are not.
class TiffHandle {
 public:
  /// Reads header and first directory. Errors: kIo, kInvalidFile with libtiff's words.
  [[nodiscard]] static Result<std::unique_ptr<TiffHandle>> open(
      std::shared_ptr<const ByteSource> source);
  TiffHandle(const TiffHandle&) = delete;
  TiffHandle& operator=(const TiffHandle&) = delete;
  ~TiffHandle();

  [[nodiscard]] TIFF* get() const { return tiff_; }
  [[nodiscard]] std::string name() const { return source_->name(); }
  [[nodiscard]] std::uint64_t file_bytes() const { return source_->size_bytes(); }

  /// Goes on to the next directory; false after the last. Errors: as open.
  [[nodiscard]] Result<bool> next_directory();
  /// Goes to the directory at an offset. Errors: as open.
  [[nodiscard]] Result<> set_directory(std::uint64_t offset);
  /// What the calls since the last failure() broke on: `what` and libtiff's words.
  [[nodiscard]] tl::unexpected<Error> failure(const std::string& what);

 private:
  explicit TiffHandle(std::shared_ptr<const ByteSource> source) : source_(std::move(source)) {}
  static int keep_error(TIFF*, void* self, const char* module, const char* format,
                        va_list arguments);
  static int ignore_warning(TIFF*, void* self, const char* module, const char* format,
                            va_list arguments);
  static tmsize_t read(thandle_t self, void* out, tmsize_t size_bytes);
  static tmsize_t write(thandle_t self, void* bytes, tmsize_t size_bytes);
  static toff_t seek(thandle_t self, toff_t offset, int whence);
  static int close(thandle_t self);
  static toff_t size(thandle_t self);

  std::shared_ptr<const ByteSource> source_;
  std::uint64_t position_ = 0;
  std::optional<Error> io_error_;  // of the source
  std::string words_;              // the first that libtiff said
  TIFF* tiff_ = nullptr;
};

}  // namespace forge3d::tiles
