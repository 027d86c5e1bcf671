// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// One 2D slice of a KTX2 file as pixels.

#include <cstdint>
#include <span>

#include "forge3d/image.hpp"
#include "forge3d/ktx2.hpp"

namespace forge3d {

struct Ktx2Slice {
  std::uint32_t level = 0, layer = 0, face = 0, slice = 0;
};

/// Fails where the file has no such level, layer, face or slice. Errors: kInvalidArgument.
[[nodiscard]] Result<> check_ktx2_slice(const Ktx2Info& info, const Ktx2Slice& slice);

/// True when decode_ktx2_slice accepts the format.
[[nodiscard]] bool can_decode_ktx2(Format format);

/// The slice's bytes inside what Ktx2Reader::read_level gave for `slice.level`. Errors:
/// kInvalidArgument (no such slice), kInvalidFile (the level is too small for it), kNotSupported
/// (a format outside the table).
[[nodiscard]] Result<std::span<const std::byte>> ktx2_slice_bytes(const Ktx2Info& info,
                                                                  const Ktx2Slice& slice,
                                                                  std::span<const std::byte> level);

/// One slice as an image: block formats and ETC1S decoded to RGBA8, blocks of half floats to float
/// RGBA, plain formats in their own channels and sample type. Errors: kInvalidArgument (no such
/// slice), kNotSupported (format), the reader's.
[[nodiscard]] Result<Image> decode_ktx2_slice(const Ktx2Reader& reader, const Ktx2Slice& slice);

}  // namespace forge3d
