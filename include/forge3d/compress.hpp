// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// compress(): one call from an image to a KTX2 file, with measured figures.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forge3d/codec.hpp"
#include "forge3d/image.hpp"
#include "forge3d/ktx2.hpp"
#include "forge3d/metrics.hpp"
#include "forge3d/mip.hpp"

namespace forge3d {

/// What a texture is for: decides formats, whether its codes are light, and how it is measured.
enum class UseCase : std::uint8_t {
  kAlbedo,  ///< Colour, sRGB where the image is. PSNR over RGB, over RGBA where it is translucent.
  kNormal,  ///< Directions in R, G (and B). Linear, mips normalised again; PSNR and angles.
  kHeight,  ///< One channel, linear.
  kHdr,     ///< Light without an upper end, as half floats. PSNR of log2(1 + x).
  kUi,      ///< Sharp edges and text: stays uncompressed.
};
[[nodiscard]] std::string_view to_string(UseCase use_case);
[[nodiscard]] std::optional<UseCase> use_case_from_name(std::string_view name);

/// What comes first where there is a choice of formats.
enum class MemoryPriority : std::uint8_t { kMemory, kBalanced, kQuality };
[[nodiscard]] std::string_view to_string(MemoryPriority priority);
[[nodiscard]] std::optional<MemoryPriority> memory_priority_from_name(std::string_view name);

struct FormatQuery {
  UseCase use_case = UseCase::kAlbedo;
  MemoryPriority memory_priority = MemoryPriority::kBalanced;
  bool translucent = false;                ///< Some texel is not opaque.
  SampleType samples = SampleType::kU8;    ///< Of the image.
  std::function<bool(Format)> can_sample;  ///< What the device samples; empty: every format.
};

/// Formats worth a try, linear variants, the smallest first, and why these in one sentence. Without
/// a target the first is taken, with one the first that reaches it.
struct FormatChoice {
  std::vector<Format> formats;
  std::string reason;
};

/// The formats for a use case among those that compress() makes and the device samples. Errors:
/// kNotSupported where there is none. Thread-safe.
[[nodiscard]] Result<FormatChoice> choose_formats(const FormatQuery& query);

/// True when compress() makes the format: all that can_encode() says yes to, R16 and RGBA16F.
[[nodiscard]] bool can_compress(Format format);
/// Short names ("bc7", "etc2-rgba", "rgba8", ...) of the formats that can_compress() says yes to.
[[nodiscard]] std::vector<std::string_view> compress_format_names();

struct CompressDesc {
  /// kUndefined: as choose_formats() says. The sRGB twin is taken for sRGB images.
  Format format = Format::kUndefined;
  /// UASTC LDR, the portable format: any device's format is made of it when it is loaded. Stands
  /// beside `format`, which must then be kUndefined; takes no target_psnr_db and no rdo_lambda.
  bool uastc = false;
  UseCase use_case = UseCase::kAlbedo;
  MemoryPriority memory_priority = MemoryPriority::kBalanced;
  std::function<bool(Format)> can_sample;  ///< As in FormatQuery.
  Quality quality = Quality::kNormal;      ///< With a target: the most that is tried.
  /// Every level is to land in [target, target + 0.05] dB of LevelFigures::metric_db: blocks that
  /// need it get more time, and what is above the target is spent on repeats, which zstd packs.
  std::optional<double> target_psnr_db;
  /// Rate-distortion optimisation: the squared error, summed over a block's channels in 8-bit
  /// codes, that one bit less after zstd is worth; a fifth of it in flat blocks, where errors are
  /// seen. From 0 (none) to 1e9; 1 to 10 suit BC7 and ASTC, 5 to 50 the 8-byte formats. The blocks
  /// keep their size: the saving shows with zstd_level or a packer of one's own. With a target it
  /// is lowered where the target would be lost. Costs about 2 s a megapixel and thread, ASTC 8 s.
  /// Nothing for formats without blocks.
  double rdo_lambda = 0;
  bool mipmaps = false;
  MipFilter mip_filter = MipFilter::kBox;
  std::optional<float> alpha_cutoff;  ///< As in MipDesc.
  int zstd_level = 0;                 ///< 1..22; 0: no supercompression.
  std::uint32_t threads = 0;  ///< Up to 1024; 0: one a core. The bytes are the same for all.
  bool measure_ssim = true;   ///< Costs about 20 ns a texel of level 0.
};

/// What was measured of one level.
struct LevelFigures {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint64_t bytes = 0;           ///< Before supercompression.
  double compression_ratio = 0;      ///< What the encoder took / bytes.
  double metric_db = 0;              ///< On the decoded blocks, see CompressResult::metric.
  double psnr_db = 0;                ///< As CompressResult::psnr_db.
  double quality_score = 0;          ///< metric_db / 50, from 0 to 1.
  double encode_ms = 0;              ///< Wall time of the block encoders.
  double encode_cpu_ms = 0;          ///< Of it, processor time of the calling thread.
  Quality quality = Quality::kFast;  ///< The most that was used.
  bool target_reached = true;
  std::uint32_t repeated_blocks = 0;  ///< Blocks that took their neighbour's bytes for a target.
  std::uint32_t rdo_blocks = 0;       ///< Blocks that rdo_lambda changed.
};

/// One format that was tried for level 0.
struct CompressTrial {
  Format format = Format::kUndefined;  ///< As CompressResult::format.
  Quality quality = Quality::kFast;    ///< The most that was used.
  double metric_db = 0;
  double encode_ms = 0;
  std::uint64_t bytes = 0;
};

struct CompressResult {
  std::vector<std::byte> ktx2;
  Format format = Format::kUndefined;  ///< kUndefined for UASTC: such files name none.
  std::string reason;                  ///< Why this format, and what came of a target.
  std::uint32_t levels = 1;
  std::vector<LevelFigures> level_figures;
  std::vector<CompressTrial> trials;  ///< In order; the last one was taken.
  std::uint64_t bytes_in = 0;         ///< All levels as the encoder took them: RGBA8, RGBA16F, R16.
  double compression_ratio = 0;       ///< bytes_in / size of the file.
  /// What metric_db is: "psnr_r", "psnr_rg", "psnr_rgb", "psnr_rgba" or "log_psnr_rgb".
  std::string_view metric;
  double metric_db = 0;  ///< Level 0.
  double psnr_db = 0;  ///< Level 0, the colours that the format holds, measured on decoded blocks.
  double psnr_rgba_db = 0;
  double alpha_weighted_psnr_db = 0;
  std::optional<double> ssim;               ///< Not for HDR.
  std::optional<NormalDifference> normals;  ///< For UseCase::kNormal.
  double quality_score = 0;                 ///< metric_db / 50, from 0 to 1.
  bool target_reached = true;               ///< By level 0.
  Quality quality = Quality::kFast;         ///< The most that any level used.
  double encode_ms = 0;                     ///< Wall time of the block encoders, trials included.
  double mpixels_per_s = 0;
  std::uint32_t threads = 1;
};

/// Errors: kInvalidArgument (an image that is none, a number outside its range,
/// those of make_mips()), kNotSupported (no encoder for the
/// format; none that suits), kOutOfHostMemory. A target that cannot be reached is no error:
/// target_reached says so, and the result is the best that `quality` gives. Thread-safe.
[[nodiscard]] Result<CompressResult> compress(const Image& image, const CompressDesc& desc);

}  // namespace forge3d
