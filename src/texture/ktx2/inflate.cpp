// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/ktx2/inflate.hpp"

#include <fmt/format.h>
#include <libdeflate.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <memory>

#include "texture/ktx2/container.hpp"

namespace forge3d::texture {
namespace {

tl::unexpected<InflateFailure> failure(bool wrong_size, std::string reason) {
  return tl::unexpected<InflateFailure>(InflateFailure{wrong_size, std::move(reason)});
}

tl::expected<void, InflateFailure> inflate_zstd(std::span<const std::byte> stored,
                                                std::span<std::byte> out) {
  // One pass into the given buffer: no window is allocated, whatever the frame header asks for.
  const std::size_t count = ZSTD_decompress(out.data(), out.size(), stored.data(), stored.size());
  if (ZSTD_isError(count) != 0)
    return failure(ZSTD_getErrorCode(count) == ZSTD_error_dstSize_tooSmall,
                   fmt::format("zstd: {}", ZSTD_getErrorName(count)));
  if (count != out.size())
    return failure(true, fmt::format("zstd: {} bytes instead of {}", count, out.size()));
  return {};
}

tl::expected<void, InflateFailure> inflate_zlib(std::span<const std::byte> stored,
                                                std::span<std::byte> out) {
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> zlib(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!zlib) return failure(false, "zlib: out of memory");
  std::size_t used = 0;
  std::size_t made = 0;
  const libdeflate_result result = libdeflate_zlib_decompress_ex(
      zlib.get(), stored.data(), stored.size(), out.data(), out.size(), &used, &made);
  if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
    return failure(true, fmt::format("zlib: more than {} bytes", out.size()));
  if (result != LIBDEFLATE_SUCCESS) return failure(false, "zlib: corrupt stream or checksum");
  if (made != out.size())
    return failure(true, fmt::format("zlib: {} bytes instead of {}", made, out.size()));
  if (used != stored.size())
    return failure(true,
                   fmt::format("zlib: {} stray bytes behind the stream", stored.size() - used));
  return {};
}

}  // namespace

tl::expected<void, InflateFailure> inflate(std::uint32_t scheme, std::span<const std::byte> stored,
                                           std::span<std::byte> out) {
  return scheme == kSchemeZstd ? inflate_zstd(stored, out) : inflate_zlib(stored, out);
}

}  // namespace forge3d::texture
