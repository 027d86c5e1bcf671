// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// One 2D slice of a KTX2 file as pixels.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "forge3d/image.hpp"
#include "forge3d/ktx2.hpp"

namespace forge3d {

/// Fails where the file has no such level, layer, face or slice. Errors: kInvalidArgument.
[[nodiscard]] Result<> check_ktx2_slice(const Ktx2Info& info, const Ktx2Slice& slice);

/// True when decode_ktx2_slice accepts the format.
[[nodiscard]] bool can_decode_ktx2(Format format);
/// The same for the file's format and scheme; knows formats that Format has no name for.
[[nodiscard]] bool can_decode_ktx2(const Ktx2Info& info);

/// The slice's bytes inside what Ktx2Reader::read_level gave for `slice.level`. Errors:
/// kInvalidArgument (no such slice), kInvalidFile (the level is too small for it), kNotSupported
/// (a format outside the table).
[[nodiscard]] Result<std::span<const std::byte>> ktx2_slice_bytes(const Ktx2Info& info,
                                                                  const Ktx2Slice& slice,
                                                                  std::span<const std::byte> level);

/// One slice as an image. Block formats, ETC1S and UASTC are decoded to RGBA8, those of half floats
/// to float RGBA.
/// Plain formats keep their channels:
/// normalised ones of at most 8 bits as 8-bit samples, of at most 16 bits as 16-bit samples (fewer
/// bits are repeated until they fill the sample), all others as floats: integers by their value,
/// depth and stencil as first and second channel, alpha alone as RGBA. Errors: kInvalidArgument (no
/// such slice), kNotSupported (format), the reader's.
[[nodiscard]] Result<Image> decode_ktx2_slice(const Ktx2Reader& reader, const Ktx2Slice& slice);

/// What every device samples in place of a format that it may not: kRGBA8Unorm or kRGBA8Srgb for
/// normalised formats of at most 8 bits and blocks, kRGBA16Sfloat for wider and signed ones and
/// floats, kRGBA32Sfloat for 32-bit floats and depth, kUndefined for integers and for what
/// convert_ktx2_slice does not know.
[[nodiscard]] Format ktx2_fallback_format(const Ktx2Info& info);

/// One slice as texels of `target`: kRGBA8Unorm, kRGBA8Srgb (the same bytes), kRGBA16Sfloat or
/// kRGBA32Sfloat. Missing channels are 0, missing alpha is 1. Fewer than 8 bits are repeated to
/// fill a byte, of more the upper 8 are taken; floats and signed numbers are clamped to 0..1 and
/// rounded. No transfer function is applied. Errors: as decode_ktx2_slice, kInvalidArgument
/// (another target).
[[nodiscard]] Result<std::vector<std::byte>> convert_ktx2_slice(const Ktx2Reader& reader,
                                                                const Ktx2Slice& slice,
                                                                Format target);

}  // namespace forge3d
