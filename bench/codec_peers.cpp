// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/codec_peers.hpp"

#ifdef FORGE3D_BENCH_SQUISH
#include <squish.h>
#endif
#ifdef FORGE3D_BENCH_ASTCENC
#define ASTCENC_DYNAMIC_LIBRARY  // C linkage, as Debian builds it
#include <astcenc.h>
#endif

#include <memory>

#include "forge3d/format.hpp"

namespace forge3d::bench {
namespace {

[[maybe_unused]] Result<> make_room(CodecPicture& picture, Format format) {
  FORGE3D_TRY_ASSIGN(const auto size_bytes, image_bytes(format, picture.width, picture.height));
  picture.blocks.resize(size_bytes);
  return {};
}

#ifdef FORGE3D_BENCH_SQUISH

Coder squish_encoder(std::string name, Format format, int flags) {
  return {std::move(name), format, [format, flags](CodecPicture& picture) -> Result<> {
            FORGE3D_TRY(make_room(picture, format));
            squish::CompressImage(picture.rgba8.data(), static_cast<int>(picture.width),
                                  static_cast<int>(picture.height), picture.blocks.data(), flags);
            return {};
          }};
}

Coder squish_decoder(std::string name, Format format, int flags) {
  return {std::move(name), format, [flags](CodecPicture& picture) -> Result<> {
            squish::DecompressImage(picture.decoded8.data(), static_cast<int>(picture.width),
                                    static_cast<int>(picture.height), picture.blocks.data(), flags);
            return {};
          }};
}

void add_squish_encoders(std::vector<Coder>& coders) {
  using namespace squish;
  constexpr Format kBc1 = Format::kBC1RgbUnorm, kBc3 = Format::kBC3Unorm;
  coders.push_back(squish_encoder("peer_squish_bc1_range", kBc1, kDxt1 | kColourRangeFit));
  coders.push_back(squish_encoder("peer_squish_bc1_cluster", kBc1, kDxt1 | kColourClusterFit));
  coders.push_back(squish_encoder("peer_squish_bc3_range", kBc3, kDxt5 | kColourRangeFit));
}

void add_squish_decoders(std::vector<Coder>& coders) {
  coders.push_back(squish_decoder("peer_squish_decode_bc1", Format::kBC1RgbUnorm, squish::kDxt1));
  coders.push_back(squish_decoder("peer_squish_decode_bc3", Format::kBC3Unorm, squish::kDxt5));
}

#endif
#ifdef FORGE3D_BENCH_ASTCENC

struct FreeContext {
  void operator()(astcenc_context* context) const { astcenc_context_free(context); }
};
using Context = std::unique_ptr<astcenc_context, FreeContext>;

constexpr astcenc_swizzle kAsItIs{ASTCENC_SWZ_R, ASTCENC_SWZ_G, ASTCENC_SWZ_B, ASTCENC_SWZ_A};

/// One thread's context for images in 8-bit codes, or null.
Context make_context(Format format, float quality) {
  const FormatInfo& info = *format_info(format);
  astcenc_config config{};
  if (astcenc_config_init(ASTCENC_PRF_LDR, info.block_width, info.block_height, 1, quality, 0,
                          &config) != ASTCENC_SUCCESS)
    return nullptr;
  astcenc_context* context = nullptr;
  if (astcenc_context_alloc(&config, 1, &context) != ASTCENC_SUCCESS) return nullptr;
  return Context(context);
}

Result<> failed() { return fail(ErrorCode::kInternal, "astcenc refuses the picture"); }

/// A context is made in the first call, for which a case's first run pays.
Coder astcenc_encoder(std::string name, Format format, float quality) {
  const auto context = std::make_shared<Context>();
  return {std::move(name), format, [format, quality, context](CodecPicture& picture) -> Result<> {
            FORGE3D_TRY(make_room(picture, format));
            if (*context == nullptr) *context = make_context(format, quality);
            if (*context == nullptr) return failed();
            void* slice = picture.rgba8.data();
            astcenc_image image{picture.width, picture.height, 1, ASTCENC_TYPE_U8, &slice};
            const auto done = astcenc_compress_image(
                context->get(), &image, &kAsItIs,
                reinterpret_cast<std::uint8_t*>(picture.blocks.data()), picture.blocks.size(), 0);
            astcenc_compress_reset(context->get());
            return done == ASTCENC_SUCCESS ? Result<>() : failed();
          }};
}

Coder astcenc_decoder(std::string name, Format format) {
  const auto context = std::make_shared<Context>();
  return {std::move(name), format, [format, context](CodecPicture& picture) -> Result<> {
            if (*context == nullptr) *context = make_context(format, ASTCENC_PRE_MEDIUM);
            if (*context == nullptr) return failed();
            void* slice = picture.decoded8.data();
            astcenc_image image{picture.width, picture.height, 1, ASTCENC_TYPE_U8, &slice};
            const auto done = astcenc_decompress_image(
                context->get(), reinterpret_cast<const std::uint8_t*>(picture.blocks.data()),
                picture.blocks.size(), &image, &kAsItIs, 0);
            astcenc_decompress_reset(context->get());
            return done == ASTCENC_SUCCESS ? Result<>() : failed();
          }};
}

void add_astcenc_encoders(std::vector<Coder>& coders) {
  struct Preset {
    const char* name;
    float quality;
  };
  for (const Preset& preset :
       {Preset{"fast", ASTCENC_PRE_FAST}, Preset{"medium", ASTCENC_PRE_MEDIUM},
        Preset{"thorough", ASTCENC_PRE_THOROUGH}}) {
    coders.push_back(astcenc_encoder(std::string("peer_astcenc_astc_4x4_") + preset.name,
                                     Format::kASTC4x4Unorm, preset.quality));
    coders.push_back(astcenc_encoder(std::string("peer_astcenc_astc_6x6_") + preset.name,
                                     Format::kASTC6x6Unorm, preset.quality));
  }
}

void add_astcenc_decoders(std::vector<Coder>& coders) {
  coders.push_back(astcenc_decoder("peer_astcenc_decode_astc_4x4", Format::kASTC4x4Unorm));
  coders.push_back(astcenc_decoder("peer_astcenc_decode_astc_6x6", Format::kASTC6x6Unorm));
}

#endif

}  // namespace

std::vector<Coder> peer_encoders() {
  std::vector<Coder> coders;
#ifdef FORGE3D_BENCH_SQUISH
  add_squish_encoders(coders);
#endif
#ifdef FORGE3D_BENCH_ASTCENC
  add_astcenc_encoders(coders);
#endif
  return coders;
}

std::vector<Coder> peer_decoders() {
  std::vector<Coder> coders;
#ifdef FORGE3D_BENCH_SQUISH
  add_squish_decoders(coders);
#endif
#ifdef FORGE3D_BENCH_ASTCENC
  add_astcenc_decoders(coders);
#endif
  return coders;
}

}  // namespace forge3d::bench
