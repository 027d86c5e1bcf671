// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/compress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <exception>
#include <utility>

#include "core/worker_pool.hpp"
#include "forge3d/uastc.hpp"
#include "texture/allocate.hpp"
#include "texture/codec/refine.hpp"
#include "texture/image/image_check.hpp"
#include "texture/level_metrics.hpp"
#include "texture/level_pixels.hpp"

namespace forge3d {
namespace {

using texture::LevelMetric;
using texture::LevelPixels;
using texture::LevelQuality;

/// More than the error that a block can have.
constexpr double kMostLambda = 1e9;

/// Processor time of the calling thread: what a busy machine does not change.
double thread_cpu_ms() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

/// One level in its format, measured.
struct EncodedLevel {
  std::vector<std::byte> blocks;
  LevelFigures figures;
  LevelQuality quality;
  Image decoded;
};

/// A format for all levels: how they are taken and measured.
struct Plan {
  Format format;
  LevelMetric metric;
  std::vector<LevelPixels> levels;
  std::optional<UastcChannels> uastc;  ///< Then `format` tells the transfer function alone.

  /// What the result says.
  [[nodiscard]] Format named() const { return uastc ? Format::kUndefined : format; }
};

Result<> check_desc(const Image& image, const CompressDesc& desc) {
  FORGE3D_TRY(texture::check_image(image));
  if (desc.target_psnr_db && !(*desc.target_psnr_db > 0 && *desc.target_psnr_db <= 200))
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("a target of {} dB: it must be above 0 and at most 200", *desc.target_psnr_db));
  if (desc.uastc &&
      (desc.format != Format::kUndefined || desc.target_psnr_db || desc.rdo_lambda != 0))
    return fail(ErrorCode::kInvalidArgument,
                "UASTC takes no other format, no target and no rdo_lambda");
  if (!(desc.rdo_lambda >= 0 && desc.rdo_lambda <= kMostLambda))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("rdo_lambda is {}, it must be 0 or above and at most {:g}",
                            desc.rdo_lambda, kMostLambda));
  if (desc.alpha_cutoff && !(*desc.alpha_cutoff > 0 && *desc.alpha_cutoff <= 1))
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("alpha_cutoff is {}, it must be above 0 and at most 1", *desc.alpha_cutoff));
  if (desc.zstd_level < 0 || desc.zstd_level > 22)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("zstd_level is {}, it must be 0 to 22", desc.zstd_level));
  if (desc.threads > 1024)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("threads is {}, it must be 0 to 1024", desc.threads));
  return {};
}

Result<FormatChoice> choose(const Image& image, const CompressDesc& desc, bool translucent) {
  if (desc.uastc) return FormatChoice{{Format::kASTC4x4Unorm}, "UASTC was asked for"};
  if (desc.format == Format::kUndefined)
    return choose_formats(
        {desc.use_case, desc.memory_priority, translucent, image.info.type, desc.can_sample});
  const FormatInfo* info = format_info(desc.format);
  if (info == nullptr || !can_compress(desc.format))
    return fail(
        ErrorCode::kNotSupported,
        fmt::format("compress: no encoder for format {}",
                    info == nullptr ? fmt::to_string(static_cast<std::uint32_t>(desc.format))
                                    : std::string(info->name)));
  return FormatChoice{{desc.format}, fmt::format("{} was asked for", info->name)};
}

Result<Plan> make_plan(const Image& image, const CompressDesc& desc, Format format,
                       bool translucent) {
  const bool srgb = image.info.srgb && texture::keeps_srgb(desc.use_case);
  Plan plan{with_srgb(format, srgb), texture::metric_for(format, translucent), {}, {}};
  if (desc.uastc) plan.uastc = translucent ? UastcChannels::kRgba : UastcChannels::kRgb;
  FORGE3D_TRY_ASSIGN(plan.levels, make_level_pixels(image, desc, texture::texel_kind(format)));
  return plan;
}

/// Encodes without a look at the result.
Result<codec::Refined> encode_blocks_of(const Plan& plan, const LevelPixels& level,
                                        const CompressDesc& desc, std::uint32_t threads) {
  const std::span<const std::byte> texels = level.bytes();
  if (!format_info(plan.format)->compressed) {
    codec::Refined copy;
    FORGE3D_TRY_ASSIGN(copy.blocks, texture::allocate_bytes(texels.size()));
    std::ranges::copy(texels, copy.blocks.begin());
    return copy;
  }
  const Rgba8View view{reinterpret_cast<const std::uint8_t*>(texels.data()), level.image.info.width,
                       level.image.info.height, level.row_bytes()};
  if (plan.uastc) {
    codec::Refined encoded;
    FORGE3D_TRY_ASSIGN(encoded.blocks,
                       encode_uastc({.quality = desc.quality, .threads = threads}, view));
    encoded.quality = desc.quality;
    return encoded;
  }
  codec::RefineDesc refine{plan.format, desc.quality, threads, desc.target_psnr_db};
  refine.channels = plan.metric.channels;
  refine.peak = texture::error_peak(plan.metric, level.image);
  refine.rdo_lambda = desc.rdo_lambda;
  return codec::encode_refined({view.pixels, view.width, view.height, view.row_bytes}, refine);
}

/// What a decoder gives, in the shape of the level.
Result<Image> decode_blocks_of(const Plan& plan, const LevelPixels& level,
                               std::span<const std::byte> blocks, std::uint32_t threads) {
  if (!plan.uastc) return decode_like(level, plan.format, blocks, threads);
  FORGE3D_TRY_ASSIGN(Image out, make_image(level.image.info));
  FORGE3D_TRY(transcode_uastc({.width = out.info.width,
                               .height = out.info.height,
                               .channels = *plan.uastc,
                               .target = Format::kRGBA8Unorm,
                               .threads = threads},
                              blocks, out.pixels));
  return out;
}

Result<EncodedLevel> encode_level(const Plan& plan, std::size_t index, const CompressDesc& desc,
                                  std::uint32_t threads) {
  const LevelPixels& level = plan.levels[index];
  const auto start = std::chrono::steady_clock::now();
  const double cpu_start_ms = thread_cpu_ms();
  FORGE3D_TRY_ASSIGN(codec::Refined refined, encode_blocks_of(plan, level, desc, threads));
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;
  const double cpu_ms = thread_cpu_ms() - cpu_start_ms;
  FORGE3D_TRY_ASSIGN(Image decoded, decode_blocks_of(plan, level, refined.blocks, threads));
  FORGE3D_TRY_ASSIGN(const LevelQuality quality, measure_level(plan.metric, level.image, decoded));
  LevelFigures figures{.width = level.image.info.width,
                       .height = level.image.info.height,
                       .bytes = refined.blocks.size(),
                       .compression_ratio = static_cast<double>(level.bytes().size()) /
                                            static_cast<double>(refined.blocks.size()),
                       .metric_db = quality.metric_db,
                       .psnr_db = quality.psnr_db,
                       .quality_score = std::clamp(quality.metric_db / 50, 0.0, 1.0),
                       .encode_ms = elapsed.count(),
                       .encode_cpu_ms = cpu_ms,
                       .quality = refined.quality,
                       .target_reached = true,
                       .repeated_blocks = refined.repeated_blocks,
                       .rdo_blocks = refined.rdo_blocks};
  if (desc.target_psnr_db) figures.target_reached = quality.metric_db >= *desc.target_psnr_db;
  return EncodedLevel{std::move(refined.blocks), figures, quality, std::move(decoded)};
}

/// Tries formats with level 0 until one reaches the target, then encodes the rest in that one.
class Compressor {
 public:
  Compressor(const Image& image, const CompressDesc& desc) : image_(image), desc_(desc) {}

  Result<CompressResult> run() {
    FORGE3D_TRY(check_desc(image_, desc_));
    result_.threads = core::resolve_thread_count(desc_.threads);
    translucent_ = texture::is_translucent(image_);
    FORGE3D_TRY_ASSIGN(const FormatChoice choice, choose(image_, desc_, translucent_));
    result_.reason = choice.reason;
    FORGE3D_TRY(encode_base(choice.formats));
    for (std::size_t i = 1; i < plan_.levels.size(); ++i) {
      FORGE3D_TRY_ASSIGN(EncodedLevel level, encode_level(plan_, i, desc_, result_.threads));
      level.decoded = {};
      encoded_.push_back(std::move(level));
    }
    FORGE3D_TRY(measure_base());
    FORGE3D_TRY_ASSIGN(result_.ktx2, write());
    summarise();
    return std::move(result_);
  }

 private:
  Result<> encode_base(const std::vector<Format>& formats);
  Result<> measure_base();
  Result<std::vector<std::byte>> write() const;
  void summarise();

  const Image& image_;
  const CompressDesc& desc_;
  bool translucent_ = false;
  Plan plan_{};
  std::vector<EncodedLevel> encoded_;
  CompressResult result_;
};

Result<> Compressor::encode_base(const std::vector<Format>& formats) {
  for (const Format format : formats) {
    FORGE3D_TRY_ASSIGN(plan_, make_plan(image_, desc_, format, translucent_));
    FORGE3D_TRY_ASSIGN(EncodedLevel base, encode_level(plan_, 0, desc_, result_.threads));
    encoded_.clear();
    encoded_.push_back(std::move(base));
    const LevelFigures& figures = encoded_[0].figures;
    result_.trials.push_back(
        {plan_.named(), figures.quality, figures.metric_db, figures.encode_ms, figures.bytes});
    const std::string_view name = format_info(plan_.format)->name;
    if (!desc_.target_psnr_db || figures.target_reached) {
      if (result_.trials.size() > 1) result_.reason += fmt::format(", {} was taken", name);
      return {};
    }
    result_.reason += fmt::format("; {} reaches {:.2f} dB of {:g} dB", name, figures.metric_db,
                                  *desc_.target_psnr_db);
  }
  return {};
}

/// The measures that are taken of level 0 alone.
Result<> Compressor::measure_base() {
  const LevelPixels& level = plan_.levels[0];
  const EncodedLevel& encoded = encoded_[0];
  result_.metric = plan_.metric.name;
  result_.metric_db = encoded.quality.metric_db;
  result_.psnr_db = result_.alpha_weighted_psnr_db = encoded.quality.psnr_db;
  result_.psnr_rgba_db = encoded.quality.psnr_rgba_db;
  result_.quality_score = encoded.figures.quality_score;
  if (translucent_ && plan_.metric.channels == 4) {
    FORGE3D_TRY_ASSIGN(result_.alpha_weighted_psnr_db,
                       alpha_weighted_psnr(level.image, encoded.decoded));
  }
  if (desc_.measure_ssim && !plan_.metric.logarithmic) {
    FORGE3D_TRY_ASSIGN(result_.ssim,
                       texture::similarity(plan_.metric, level.image, encoded.decoded));
  }
  if (desc_.use_case != UseCase::kNormal) return {};
  const bool rebuilt = plan_.metric.colours < 3;
  FORGE3D_TRY_ASSIGN(result_.normals,
                     compare_normals(level.image, encoded.decoded,
                                     rebuilt ? NormalEncoding::kXy : NormalEncoding::kXyz));
  return {};
}

Result<std::vector<std::byte>> Compressor::write() const {
  const ImageInfo& info = plan_.levels[0].image.info;
  Ktx2WriteDesc file{.format = plan_.format, .width = info.width, .height = info.height};
  file.uastc = plan_.uastc;
  if (desc_.zstd_level != 0) {
    file.supercompression = Supercompression::kZstd;
    file.zstd_level = desc_.zstd_level;
  }
  file.key_values = {{"KTXorientation", "rd"}};
  for (const EncodedLevel& level : encoded_) file.levels.emplace_back(level.blocks);
  return write_ktx2(file);
}

void Compressor::summarise() {
  double texels = 0;
  for (std::size_t i = 0; i < encoded_.size(); ++i) {
    const LevelFigures& figures = encoded_[i].figures;
    result_.level_figures.push_back(figures);
    result_.bytes_in += plan_.levels[i].bytes().size();
    result_.quality = std::max(result_.quality, figures.quality);
    result_.encode_ms += figures.encode_ms;
    texels += static_cast<double>(figures.width) * figures.height;
  }
  for (std::size_t i = 0; i + 1 < result_.trials.size(); ++i)  // the last is among the levels
    result_.encode_ms += result_.trials[i].encode_ms;
  result_.format = plan_.named();
  result_.levels = static_cast<std::uint32_t>(encoded_.size());
  result_.target_reached = encoded_[0].figures.target_reached;
  result_.compression_ratio =
      static_cast<double>(result_.bytes_in) / static_cast<double>(result_.ktx2.size());
  result_.mpixels_per_s = result_.encode_ms > 0 ? texels / result_.encode_ms / 1e3 : 0;
}

}  // namespace

Result<CompressResult> compress(const Image& image, const CompressDesc& desc) {
  try {  // lists of blocks are vectors
    return Compressor(image, desc).run();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfHostMemory, "cannot allocate what encoding an image needs");
  }
}

}  // namespace forge3d
