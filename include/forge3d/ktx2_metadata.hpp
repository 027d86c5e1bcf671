// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The keys that KTX2 reserves, as values of their types. KTX 2.0 specification, section 5.
// Ktx2Info::key_values holds all entries raw.

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "forge3d/ktx2.hpp"
#include "forge3d/result.hpp"

namespace forge3d {

/// Which way the coordinates of texels grow: KTXorientation.
struct Ktx2Orientation {
  bool left = false;  ///< Columns run to the left, not to the right.
  bool up = false;    ///< Rows run up, not down.
  bool in = false;    ///< Slices run away from the viewer, not towards it.
};

/// How the layers of an array are shown one after another: KTXanimData. A frame lasts duration /
/// timescale seconds.
struct Ktx2Animation {
  std::uint32_t duration = 0;
  std::uint32_t timescale = 0;
  std::uint32_t loop_count = 0;  ///< 0: for ever.
};

/// What stored numbers stand for: value * scale + offset. KTXmapRange.
struct Ktx2MapRange {
  float scale = 1;
  float offset = 0;
};

/// The format in OpenGL's words, where Vulkan has none: KTXglFormat.
struct Ktx2GlFormat {
  std::uint32_t internal_format = 0, format = 0, type = 0;
};

/// Values of reserved keys; nothing where the file lacks the key.
struct Ktx2Metadata {
  std::optional<Ktx2Orientation> orientation;
  std::optional<std::array<char, 4>> swizzle;    ///< Of "rgba01", for red to alpha.
  std::optional<std::string> writer;             ///< KTXwriter.
  std::optional<std::string> writer_parameters;  ///< KTXwriterScParams.
  std::optional<std::string> astc_decode_mode;   ///< "rgb9e5" or "unorm8".
  std::optional<Ktx2Animation> animation;
  std::optional<Ktx2MapRange> map_range;
  std::optional<std::uint8_t> cubemap_faces;  ///< Bit 0 is +X, bit 5 is -Z.
  std::optional<Ktx2GlFormat> gl_format;
  std::optional<std::uint32_t> dxgi_format;
  std::optional<std::uint32_t> metal_pixel_format;
};

/// The reserved keys of an open file. Thread-safe. Errors: kInvalidFile (names the key whose value
/// breaks its rule).
[[nodiscard]] Result<Ktx2Metadata> ktx2_metadata(const Ktx2Info& info);

}  // namespace forge3d
