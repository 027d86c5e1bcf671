// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Codecs of others, as this machine has them installed, measured beside ours in the same run.

#include <functional>
#include <string>
#include <vector>

#include "bench/codec_pictures.hpp"

namespace forge3d::bench {

/// Something that fills CodecPicture::blocks, or decodes them to decoded8.
struct Coder {
  std::string name;  ///< Of its cases: "bc7_fast", "peer_squish_bc1_range".
  Format format = Format::kUndefined;
  std::function<Result<>(CodecPicture&)> run;
};

/// Encoders of libsquish (BC1, BC3) and astcenc (ASTC), those that were there when forge3d was
/// configured.
[[nodiscard]] std::vector<Coder> peer_encoders();
/// Their decoders, by the format of blocks that they read.
[[nodiscard]] std::vector<Coder> peer_decoders();

}  // namespace forge3d::bench
