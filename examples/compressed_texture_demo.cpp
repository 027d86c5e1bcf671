// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Compressed textures (O3): a picture becomes a KTX2 file, and the device shows what is left of it.
// usage: compressed_texture_demo [OUT_FOLDER [PICTURE]]
//
// The one idea: quality is measured, not promised. The encoder's PSNR is that of its decoded
// blocks, and the device's own sampler is asked whether it sees the same.

#include <cstring>
#include <forge3d/compress.hpp>
#include <forge3d/metrics.hpp>
#include <forge3d/texture_loader.hpp>

#include "demo.hpp"

using namespace demo;

struct Choice {
  const char* name;
  Format format;
  Quality quality;
};

constexpr Choice kChoices[] = {{"BC1 fast", Format::kBC1RgbUnorm, Quality::kFast},
                               {"BC1 normal", Format::kBC1RgbUnorm, Quality::kNormal},
                               {"BC7 fast", Format::kBC7Unorm, Quality::kFast},
                               {"BC7 normal", Format::kBC7Unorm, Quality::kNormal}};

/// What each choice costs and gives.
static Result<> compare_choices(const Image& picture) {
  fmt::print("{:<12} {:>8} {:>10} {:>12}\n", "", "ratio", "PSNR", "MPixel/s");
  for (const Choice& choice : kChoices) {
    FORGE3D_TRY_ASSIGN(const CompressResult result,
                       compress(picture, {.format = choice.format, .quality = choice.quality}));
    fmt::print("{:<12} {:6.2f}:1 {:7.2f} dB {:12.1f}\n", choice.name, result.compression_ratio,
               result.psnr_db, result.mpixels_per_s);
  }
  return {};
}

/// Qualities by name: the smallest format that gets there, no more effort than it takes.
static Result<> reach(const Image& picture) {
  for (const double target_db : {35, 40, 45}) {
    FORGE3D_TRY_ASSIGN(const CompressResult result,
                       compress(picture, {.memory_priority = MemoryPriority::kMemory,
                                          .quality = Quality::kHigh,
                                          .target_psnr_db = target_db,
                                          .mipmaps = true,
                                          .zstd_level = 9}));
    fmt::print("{} dB {:6} {:6.2f} dB by {} {}, {:.1f}:1, {:.0f} ms\n", target_db,
               result.target_reached ? "reached" : "not reached", result.metric_db,
               format_info(result.format)->name, to_string(result.quality),
               result.compression_ratio, result.encode_ms);
  }
  return {};
}

/// A normal map of the picture's red as a relief: unit vectors as codes 0..255.
static Result<Image> normals_of(const Image& picture) {
  FORGE3D_TRY_ASSIGN(Image out, make_image(picture.info));
  const std::uint32_t width = picture.info.width, height = picture.info.height;
  const auto relief = [&](std::uint32_t x, std::uint32_t y) {
    return 8.0 / 255 * double(picture.row(std::min(y, height - 1))[4 * std::min(x, width - 1)]);
  };
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const double right = relief(x, y) - relief(x + 1, y), down = relief(x, y) - relief(x, y + 1);
      const double length = std::sqrt(right * right + down * down + 1);
      const double vector[] = {right / length, down / length, 1 / length, 1};
      for (std::size_t c = 0; c < 4; ++c)
        out.row(y)[4 * x + c] = std::byte(std::lround((vector[c] + 1) * 127.5));
    }
  }
  return out;
}

/// The picture as light of up to 50 times white.
static Result<Image> light_of(const Image& picture) {
  ImageInfo info = picture.info;
  info.type = SampleType::kF32;
  info.srgb = false;
  FORGE3D_TRY_ASSIGN(Image out, make_image(info));
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
    const float value = std::pow(float(picture.pixels[i]) / 255, 2.2f) * 50;
    std::memcpy(out.pixels.data() + i * 4, &value, 4);
  }
  return out;
}

/// What a texture is for decides its format, its mips and its measure.
static Result<> use_cases(const Image& picture) {
  FORGE3D_TRY_ASSIGN(const Image normals, normals_of(picture));
  FORGE3D_TRY_ASSIGN(const Image light, light_of(picture));
  for (const UseCase use_case :
       {UseCase::kAlbedo, UseCase::kNormal, UseCase::kHeight, UseCase::kHdr, UseCase::kUi}) {
    const Image& image = use_case == UseCase::kNormal ? normals
                         : use_case == UseCase::kHdr  ? light
                                                      : picture;
    FORGE3D_TRY_ASSIGN(const CompressResult result,
                       compress(image, {.use_case = use_case, .mipmaps = true}));
    const std::string angles =
        result.normals ? fmt::format(", {:.2f} degrees in the mean", result.normals->mean_degrees)
                       : "";
    fmt::print("{:<12} {:4.1f}:1, {} {:.2f} dB{}\n{:<12} {}\n", to_string(use_case),
               result.compression_ratio, result.metric, std::min(result.metric_db, 99.0), angles,
               "", result.reason);
  }
  return {};
}

/// Onto the device, and back through its sampler.
static Result<Image> on_the_device(const std::filesystem::path& file) {
  FORGE3D_TRY_ASSIGN(const auto device, Device::create());
  FORGE3D_TRY_ASSIGN(const auto ring, StagingRing::create(device, {.upload_bytes = 4 * kMebibyte}));
  FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, Ktx2Reader::open(file));
  if (!device->can_sample(reader.info().format))
    return fail(ErrorCode::kNotSupported, "this device does not sample block formats of desktops");
  // Read as codes, not as light, to compare them with the picture's.
  FORGE3D_TRY_ASSIGN(const DeviceTexture texture,
                     load_texture(device, *ring, reader, {.reinterpret_linear = true}));
  FORGE3D_TRY(device->wait(texture.ready, 10'000'000'000));
  fmt::print("{:<12} {}: {} bytes instead of {} as RGBA8, {:.0f} % less\n", "device",
             device->info().name, texture.device_bytes, texture.uncompressed_bytes,
             100 - 100.0 * double(texture.device_bytes) / double(texture.uncompressed_bytes));
  return sample_texels(device, *ring, texture);
}

/// Eight times the distance between two pictures, so that it can be seen.
static Result<Image> difference(const Image& a, const Image& b) {
  FORGE3D_TRY_ASSIGN(Image out, make_image(a.info));
  for (std::size_t i = 0; i < out.pixels.size(); ++i) {
    const int distance = std::abs(int(a.pixels[i]) - int(b.pixels[i]));
    out.pixels[i] = i % 4 == 3 ? std::byte{255} : std::byte(std::min(255, 8 * distance));
  }
  return out;
}

static Result<> compressed_texture(const Arguments& arguments) {
  FORGE3D_TRY_ASSIGN(const Image picture, input_picture(arguments, 512, 512));
  FORGE3D_TRY(compare_choices(picture));
  FORGE3D_TRY(reach(picture));
  FORGE3D_TRY(use_cases(picture));

  FORGE3D_TRY_ASSIGN(const CompressResult result, compress(picture, {.format = Format::kBC1RgbUnorm,
                                                                     .quality = Quality::kNormal,
                                                                     .mipmaps = true,
                                                                     .zstd_level = 9}));
  const auto file = arguments.out / "picture.ktx2";
  FORGE3D_TRY(
      save_text(file, {reinterpret_cast<const char*>(result.ktx2.data()), result.ktx2.size()}));
  FORGE3D_TRY_ASSIGN(const auto source, open_file_source(file));
  FORGE3D_TRY_ASSIGN(const auto findings, validate_ktx2(*source));
  if (!is_valid(findings)) return fail(ErrorCode::kInternal, findings.front().text);
  fmt::print("{:<12} {} bytes, {} levels, zstd: {:.1f}:1, valid KTX2\n", "picture.ktx2",
             result.ktx2.size(), result.levels, result.compression_ratio);

  FORGE3D_TRY_ASSIGN(const Image seen, on_the_device(file));
  FORGE3D_TRY_ASSIGN(const ImageDifference measured, compare_images(picture, seen));
  fmt::print("{:<12} {:.2f} dB as sampled; the encoder has said {:.2f} dB\n", "quality",
             measured.psnr_rgb_db, result.psnr_db);
  FORGE3D_TRY(save_png(arguments.out / "original.png", picture));
  FORGE3D_TRY(save_png(arguments.out / "sampled.png", seen));
  FORGE3D_TRY_ASSIGN(const Image errors, difference(picture, seen));
  return save_png(arguments.out / "difference_x8.png", errors);
}

int main(int argc, char** argv) { return run(argc, argv, compressed_texture); }
