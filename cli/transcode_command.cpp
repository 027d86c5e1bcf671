// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d transcode: a KTX2 file in another format, level by level, layer by layer.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "cli/files.hpp"
#include "cli/format_words.hpp"
#include "cli/session.hpp"
#include "forge3d/basis.hpp"
#include "forge3d/codec.hpp"
#include "forge3d/ktx2_image.hpp"

namespace forge3d::cli {
namespace {

using Bytes = std::vector<std::byte>;

struct TranscodeOptions {
  std::string input, output;
  std::string format, quality = "normal";
  int zstd_level = 0;
  std::uint32_t threads = 0;
};

struct Transcoded {
  Ktx2Info from;
  Format to = Format::kUndefined;
  std::string_view way;  ///< "copied", "transcoded", "converted" or "encoded".
  std::uint64_t bytes_out = 0, texels = 0;
  double transcode_ms = 0;
};

bool is_plain(Format format) { return !format_info(format)->compressed; }

std::string source_name(const Ktx2Info& info) {
  if (info.basis_model != BasisModel::kNone) return std::string(to_string(info.basis_model));
  return info.format == Format::kUndefined ? fmt::format("vkFormat {}", info.vk_format)
                                           : format_name(info.format);
}

/// Makes the levels of one file in one format.
class LevelWriter {
 public:
  static Result<LevelWriter> open(const Ktx2Reader& reader, Format target, Quality quality,
                                  std::uint32_t threads) {
    LevelWriter writer(reader, target, quality, threads);
    if (writer.is_basis()) {
      FORGE3D_TRY_ASSIGN(writer.basis_, BasisTexture::open(reader));
    }
    FORGE3D_TRY(writer.check());
    return writer;
  }

  [[nodiscard]] std::string_view way() const {
    if (transcodes()) return "transcoded";
    if (target_ == reader_.info().format) return "copied";
    return is_plain(target_) ? "converted" : "encoded";
  }

  /// All layers, faces and slices.
  [[nodiscard]] Result<Bytes> make(std::uint32_t level) const {
    if (transcodes())
      return basis_->transcode_level(level,
                                     {.target = target_, .quality = quality_, .threads = threads_});
    const Ktx2Info& info = reader_.info();
    if (target_ == info.format) return reader_.read_level(level);
    Bytes out;
    for (std::uint32_t layer = 0; layer < info.layers; ++layer)
      for (std::uint32_t face = 0; face < info.faces; ++face)
        for (std::uint32_t slice = 0; slice < mip_extent(info.depth, level); ++slice) {
          FORGE3D_TRY_ASSIGN(const Bytes image, make_image({level, layer, face, slice}));
          out.insert(out.end(), image.begin(), image.end());
        }
    return out;
  }

 private:
  LevelWriter(const Ktx2Reader& reader, Format target, Quality quality, std::uint32_t threads)
      : reader_(reader), target_(target), quality_(quality), threads_(threads) {}

  [[nodiscard]] bool is_basis() const { return reader_.info().basis_model != BasisModel::kNone; }
  [[nodiscard]] bool transcodes() const {
    return is_basis() && can_transcode(reader_.info().basis_model, target_);
  }
  /// Texels beyond 0 to 1, which formats of fixed point would cut off.
  [[nodiscard]] bool has_wide_texels() const {
    const Ktx2Info& info = reader_.info();
    if (is_basis()) return info.basis_model == BasisModel::kUastcHdr;
    return is_hdr(info.format) || ktx2_fallback_format(info) == Format::kRGBA16Sfloat ||
           ktx2_fallback_format(info) == Format::kRGBA32Sfloat;
  }
  /// What texels go through: that of the target where it is plain.
  [[nodiscard]] bool through_halves() const {
    return is_hdr(target_) || target_ == Format::kRGBA16Sfloat;
  }

  [[nodiscard]] Result<> check() const {
    const Ktx2Info& info = reader_.info();
    const auto refuse = [&](std::string_view why) {
      return fail(ErrorCode::kNotSupported,
                  fmt::format("{} to {}: {}", source_name(info), format_name(target_), why));
    };
    if (info.srgb && !format_info(target_)->srgb) return refuse("it has no sRGB format");
    if (transcodes() || target_ == info.format) return {};
    if (!is_basis() && !can_decode_ktx2(info)) return refuse("this build does not decode it");
    if (!is_basis() && ktx2_fallback_format(info) == Format::kUndefined)
      return refuse("integers are no colors");
    if (target_ == Format::kR16Unorm) return refuse("heights are encoded from pictures");
    if (has_wide_texels() != through_halves())
      return refuse(has_wide_texels() ? "what is below 0 or above 1 would be lost"
                                      : "its texels have a range of 0 to 1");
    return {};
  }

  [[nodiscard]] Result<Bytes> texels(const Ktx2Slice& image, Format plain) const {
    if (basis_) return basis_->transcode(image, plain);
    return convert_ktx2_slice(reader_, image, plain);
  }

  [[nodiscard]] Result<Bytes> make_image(const Ktx2Slice& image) const {
    const Format plain = through_halves() ? Format::kRGBA16Sfloat : Format::kRGBA8Unorm;
    FORGE3D_TRY_ASSIGN(const Bytes from, texels(image, plain));
    if (is_plain(target_)) return from;
    const std::uint32_t width = mip_extent(reader_.info().width, image.level);
    const std::uint32_t height = mip_extent(reader_.info().height, image.level);
    FORGE3D_TRY_ASSIGN(const std::uint64_t size_bytes, image_bytes(target_, width, height));
    Bytes out(size_bytes);
    const EncodeBlocksDesc how{.format = target_, .quality = quality_, .threads = threads_};
    if (through_halves())
      FORGE3D_TRY(encode_blocks(how,
                                Rgba16fView{reinterpret_cast<const std::uint16_t*>(from.data()),
                                            width, height, std::size_t{width} * 8},
                                out));
    else
      FORGE3D_TRY(encode_blocks(how,
                                Rgba8View{reinterpret_cast<const std::uint8_t*>(from.data()), width,
                                          height, std::size_t{width} * 4},
                                out));
    return out;
  }

  Ktx2Reader reader_;
  std::optional<BasisTexture> basis_;
  Format target_;
  Quality quality_;
  std::uint32_t threads_;
};

/// Keys that say the same of the new texels: not those that name a format or the writer.
void copy_keys(const Ktx2Info& info, Ktx2WriteDesc& desc) {
  for (const auto& [key, value] : info.key_values) {
    if (key == "KTXorientation" || key == "KTXswizzle") {
      std::string text(reinterpret_cast<const char*>(value.data()), value.size());
      if (!text.empty() && text.back() == '\0') text.pop_back();
      desc.key_values.emplace_back(key, std::move(text));
    } else if (key == "KTXanimData" || key == "KTXmapRange" || key == "KTXcubemapIncomplete" ||
               (!key.starts_with("KTX") && !key.starts_with("ktx"))) {
      desc.binary_values.emplace_back(key, value);
    }
  }
}

Result<Bytes> write(const Ktx2Info& info, Format format, int zstd_level,
                    const std::vector<Bytes>& levels) {
  Ktx2WriteDesc desc{.format = format,
                     .width = info.width,
                     .height = info.height,
                     .depth = info.depth > 1 ? info.depth : 0,
                     .layers = info.is_array ? info.layers : 0,
                     .faces = info.faces,
                     .wants_mips = info.wants_mips && is_plain(format)};
  if (zstd_level > 0) {
    desc.supercompression = Supercompression::kZstd;
    desc.zstd_level = zstd_level;
  }
  copy_keys(info, desc);
  for (const Bytes& level : levels) desc.levels.emplace_back(level);
  return write_ktx2(desc);
}

Result<Transcoded> transcode(const TranscodeOptions& options) {
  using Clock = std::chrono::steady_clock;
  FORGE3D_TRY_ASSIGN(const Quality quality, parse_quality(options.quality));
  FORGE3D_TRY_ASSIGN(const Format wanted, parse_format(options.format));
  FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, Ktx2Reader::open(options.input));
  Transcoded done{.from = reader.info()};
  done.to = with_srgb(wanted, done.from.srgb);
  const Clock::time_point begin = Clock::now();
  FORGE3D_TRY_ASSIGN(const LevelWriter writer,
                     LevelWriter::open(reader, done.to, quality, options.threads));
  std::vector<Bytes> levels;
  for (std::uint32_t level = 0; level < done.from.levels; ++level) {
    FORGE3D_TRY_ASSIGN(levels.emplace_back(), writer.make(level));
    done.texels += std::uint64_t{mip_extent(done.from.width, level)} *
                   mip_extent(done.from.height, level) * mip_extent(done.from.depth, level) *
                   done.from.layers * done.from.faces;
  }
  done.transcode_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  done.way = writer.way();
  FORGE3D_TRY_ASSIGN(const Bytes file, write(done.from, done.to, options.zstd_level, levels));
  FORGE3D_TRY(write_file(options.output, file));
  done.bytes_out = file.size();
  return done;
}

ExitCode run_transcode(const TranscodeOptions& options, const Output& output) {
  const auto done = transcode(options);
  if (!done) return output.fail(done.error(), {options.input, options.output});
  const Ktx2Info& from = done->from;
  const double mpixels_per_s =
      static_cast<double>(done->texels) / std::max(done->transcode_ms, 1e-6) * 1e-3;
  const Json object{{"width", from.width},
                    {"height", from.height},
                    {"depth", from.depth},
                    {"levels", from.levels},
                    {"layers", from.layers},
                    {"faces", from.faces},
                    {"source_format", source_name(from)},
                    {"format", format_name(done->to)},
                    {"way", done->way},
                    {"bytes_in", file_bytes(options.input)},
                    {"bytes_out", done->bytes_out},
                    {"transcode_ms", done->transcode_ms},
                    {"mpixels_per_s", mpixels_per_s}};
  return output.print(
      object,
      fmt::format("{}: {} x {}, {} level{}, {} {} to {}, {}, {:.0f} ms ({:.1f} Mpixel/s)\n",
                  options.output, from.width, from.height, from.levels, from.levels == 1 ? "" : "s",
                  source_name(from), done->way, format_name(done->to), human_bytes(done->bytes_out),
                  done->transcode_ms, mpixels_per_s));
}

}  // namespace

void add_transcode_command(Session& session) {
  auto options = std::make_shared<TranscodeOptions>();
  CLI::App& command = session.add_command(
      "transcode", "Take a KTX2 file to another format, with all levels, layers and faces",
      [options](const Output& output) { return run_transcode(*options, output); });
  command.add_option("IN", options->input, "KTX2 file")->required();
  command.add_option("OUT", options->output, "KTX2 file to write")->required();
  command
      .add_option("--format", options->format,
                  fmt::format("{}", fmt::join(compress_format_names(), ", ")))
      ->required();
  command
      .add_option("--quality", options->quality,
                  "fast, normal or high, where blocks are encoded anew")
      ->capture_default_str();
  command.add_option("--zstd", options->zstd_level, "Zstandard level, 0 for none")
      ->check(CLI::Range(0, 22));
  command.add_option("--threads", options->threads, "Threads, 0 for one a core")
      ->check(CLI::Range(0, 1024));
}

}  // namespace forge3d::cli
