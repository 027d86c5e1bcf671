// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/tiff_handle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <span>
#include <utility>

namespace forge3d::tiles {
namespace {

struct FreeOptions {
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

}  // namespace

Result<std::unique_ptr<TiffHandle>> TiffHandle::open(std::shared_ptr<const ByteSource> source) {
  std::unique_ptr<TiffHandle> handle(new TiffHandle(std::move(source)));
  const std::unique_ptr<TIFFOpenOptions, FreeOptions> options(TIFFOpenOptionsAlloc());
  if (!options) return fail(ErrorCode::kOutOfHostMemory, "no memory to open a TIFF");
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), static_cast<tmsize_t>(kMaxTiffAllocation));
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, handle.get());
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore_warning, handle.get());
  // m: no memory map; O: of the tables of tile offsets only what is needed is read.
  handle->tiff_ = TIFFClientOpenExt(handle->name().c_str(), "rmO", handle.get(), read, write, seek,
                                    close, size, nullptr, nullptr, options.get());
  if (handle->tiff_ == nullptr) return handle->failure(handle->name());
  handle->words_.clear();
  return handle;
}

TiffHandle::~TiffHandle() {
  if (tiff_ != nullptr) TIFFClose(tiff_);
}

Result<bool> TiffHandle::next_directory() {
  words_.clear();
  if (TIFFLastDirectory(tiff_) != 0) return false;
  const auto before = TIFFCurrentDirectory(tiff_);
  if (TIFFReadDirectory(tiff_) == 1) return true;
  return failure(fmt::format("{}: IFD {}", name(), before + 1u));
}

Result<> TiffHandle::set_directory(std::uint64_t offset) {
  words_.clear();
  if (TIFFSetSubDirectory(tiff_, offset) == 1) return {};
  return failure(fmt::format("{}: IFD at offset {}", name(), offset));
}

tl::unexpected<Error> TiffHandle::failure(const std::string& what) {
  const std::string words = std::exchange(words_, {});
  if (io_error_) {
    Error error = *std::exchange(io_error_, std::nullopt);
    return fail_from(std::move(error), what);
  }
  return fail(ErrorCode::kInvalidFile,
              fmt::format("{}: {}", what, words.empty() ? "libtiff cannot read it" : words));
}

int TiffHandle::keep_error(TIFF*, void* self, const char* module, const char* format,
                           va_list arguments) {
  auto& handle = *static_cast<TiffHandle*>(self);
  if (!handle.words_.empty()) return 1;
  std::array<char, 256> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  handle.words_ = module != nullptr && handle.name() != module
                      ? fmt::format("{}: {}", module, text.data())
                      : text.data();
  return 1;  // nobody else is told
}

int TiffHandle::ignore_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

tmsize_t TiffHandle::read(thandle_t self, void* out, tmsize_t size_bytes) {
  auto& handle = *static_cast<TiffHandle*>(self);
  const std::uint64_t file_bytes = handle.source_->size_bytes();
  if (size_bytes <= 0 || handle.position_ >= file_bytes) return 0;
  const std::uint64_t count =
      std::min(static_cast<std::uint64_t>(size_bytes), file_bytes - handle.position_);
  const auto got = handle.source_->read(
      handle.position_, {static_cast<std::byte*>(out), static_cast<std::size_t>(count)});
  if (!got) {
    handle.io_error_ = got.error();
    return -1;
  }
  handle.position_ += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t TiffHandle::write(thandle_t, void*, tmsize_t) { return 0; }

toff_t TiffHandle::seek(thandle_t self, toff_t offset, int whence) {
  auto& handle = *static_cast<TiffHandle*>(self);
  if (whence == SEEK_CUR) offset += handle.position_;
  if (whence == SEEK_END) offset += handle.source_->size_bytes();
  return handle.position_ = offset;
}

int TiffHandle::close(thandle_t) { return 0; }

toff_t TiffHandle::size(thandle_t self) {
  return static_cast<TiffHandle*>(self)->source_->size_bytes();
}

}  // namespace forge3d::tiles
