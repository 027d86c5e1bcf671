// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/inflate.hpp"

#include <fmt/format.h>
#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "tiles/bytes.hpp"

namespace forge3d::tiles {
namespace {

using Bytes = std::vector<std::byte>;

constexpr int kGzipLevel = 9;
constexpr std::size_t kMaxDeflateRatio = 1032;  // 258 bytes for 2 bits
constexpr std::size_t kGzipFrameBytes = 18;     // fixed header and trailer
constexpr int kZstdWindowLogMax = 24;           // kMaxInflatedBytes

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Inflater = std::unique_ptr<libdeflate_decompressor, FreeWith<libdeflate_free_decompressor>>;
using Deflater = std::unique_ptr<libdeflate_compressor, FreeWith<libdeflate_free_compressor>>;
using ZstdStream = std::unique_ptr<ZSTD_DCtx, FreeWith<ZSTD_freeDCtx>>;

tl::unexpected<Error> bad(const std::string& where, std::string_view rule) {
  return fail(ErrorCode::kInvalidFile, fmt::format("{}: {}", where, rule));
}

tl::unexpected<Error> no_memory() {
  return fail(ErrorCode::kOutOfHostMemory, "no memory for the archive's directory compressor");
}

Result<Bytes> copy_plain(std::span<const std::byte> packed, const std::string& where) {
  if (packed.size() > kMaxInflatedBytes)
    return bad(where,
               fmt::format("{} bytes, over the limit of {}", packed.size(), kMaxInflatedBytes));
  return Bytes(packed.begin(), packed.end());
}

/// The trailer's size claim, once it is believable.
Result<std::size_t> gzip_claim(std::span<const std::byte> packed, const std::string& where) {
  if (packed.size() < kGzipFrameBytes) return bad(where, "too short for a gzip member");
  const std::size_t claim = load_le(packed.last(4), 4);
  if (claim > kMaxInflatedBytes)
    return bad(where, fmt::format("claims to inflate to {} bytes, over the limit of {}", claim,
                                  kMaxInflatedBytes));
  if (claim > packed.size() * kMaxDeflateRatio)
    return bad(where,
               fmt::format("{} bytes cannot inflate to the {} claimed", packed.size(), claim));
  return claim;
}

Result<Bytes> inflate_gzip(std::span<const std::byte> packed, const std::string& where) {
  FORGE3D_TRY_ASSIGN(const std::size_t claim, gzip_claim(packed, where));
  const Inflater inflater(libdeflate_alloc_decompressor());
  if (!inflater) return no_memory();
  Bytes out(std::max<std::size_t>(claim, 1));
  std::size_t used = 0, made = 0;
  if (libdeflate_gzip_decompress_ex(inflater.get(), packed.data(), packed.size(), out.data(), claim,
                                    &used, &made) != LIBDEFLATE_SUCCESS)
    return bad(where, "not a valid gzip member");
  if (used != packed.size() || made != claim)
    return bad(where, "must be one gzip member with nothing behind it");
  out.resize(made);
  return out;
}

/// Frames may leave out their size, so the output grows as it comes.
Result<Bytes> inflate_zstd(std::span<const std::byte> packed, const std::string& where) {
  const ZstdStream stream(ZSTD_createDCtx());
  if (!stream) return no_memory();
  ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
  Bytes out(std::clamp<std::size_t>(packed.size() * 4, 4096, kMaxInflatedBytes));
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  ZSTD_outBuffer made{out.data(), out.size(), 0};
  while (true) {
    const std::size_t left = ZSTD_decompressStream(stream.get(), &made, &in);
    if (ZSTD_isError(left)) return bad(where, ZSTD_getErrorName(left));
    if (left == 0) break;
    if (made.pos < made.size) return bad(where, "the zstd frame is cut off");
    if (out.size() >= kMaxInflatedBytes)
      return bad(where, fmt::format("inflates beyond the limit of {} bytes", kMaxInflatedBytes));
    out.resize(std::min(out.size() * 2, kMaxInflatedBytes));
    made = {out.data(), out.size(), made.pos};
  }
  if (in.pos != in.size) return bad(where, "must be one zstd frame with nothing behind it");
  out.resize(made.pos);
  return out;
}

}  // namespace

Result<Bytes> inflate(PmtilesCompression compression, std::span<const std::byte> packed,
                      const std::string& where) {
  switch (compression) {
    case PmtilesCompression::kNone:
      return copy_plain(packed, where);
    case PmtilesCompression::kGzip:
      return inflate_gzip(packed, where);
    case PmtilesCompression::kZstd:
      return inflate_zstd(packed, where);
    case PmtilesCompression::kBrotli:
    case PmtilesCompression::kUnknown:
      break;
  }
  return fail(ErrorCode::kNotSupported, fmt::format("{}: compression {} is not none, gzip or zstd",
                                                    where, static_cast<unsigned>(compression)));
}

Result<Bytes> gzip(std::span<const std::byte> bytes) {
  const Deflater deflater(libdeflate_alloc_compressor(kGzipLevel));
  if (!deflater) return no_memory();
  Bytes out(libdeflate_gzip_compress_bound(deflater.get(), bytes.size()));
  out.resize(
      libdeflate_gzip_compress(deflater.get(), bytes.data(), bytes.size(), out.data(), out.size()));
  if (out.empty()) return fail(ErrorCode::kInternal, "gzip refused its own bound");
  return out;
}

}  // namespace forge3d::tiles
