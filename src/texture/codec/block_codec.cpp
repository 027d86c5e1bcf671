// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/block_codec.hpp"

#include "texture/codec/astc_decoder.hpp"
#include "texture/codec/astc_encoder.hpp"
#include "texture/codec/bc1_decoder.hpp"
#include "texture/codec/bc1_encoder.hpp"
#include "texture/codec/bc3_encoder.hpp"
#include "texture/codec/bc4_decoder.hpp"
#include "texture/codec/bc4_encoder.hpp"
#include "texture/codec/bc6h_decoder.hpp"
#include "texture/codec/bc6h_encoder.hpp"
#include "texture/codec/bc7_decoder.hpp"
#include "texture/codec/bc7_encoder.hpp"
#include "texture/codec/eac_decoder.hpp"
#include "texture/codec/eac_encoder.hpp"
#include "texture/codec/etc2_decoder.hpp"
#include "texture/codec/etc2_encoder.hpp"

namespace forge3d::codec {
namespace {

/// The values of these formats have no gaps.
bool is_astc(Format format) {
  return format >= Format::kASTC4x4Unorm && format <= Format::kASTC12x12Srgb;
}

bool is_astc_hdr(Format format) {
  return format >= Format::kASTC4x4Sfloat && format <= Format::kASTC12x12Sfloat;
}

}  // namespace

BlockCodec block_codec(Format format) {
  using enum TexelType;
  switch (format) {
    case Format::kBC1RgbUnorm:
    case Format::kBC1RgbSrgb:
    case Format::kBC1RgbaUnorm:
    case Format::kBC1RgbaSrgb:
      return {kRgba8, encode_bc1, decode_bc1};
    case Format::kBC2Unorm:
    case Format::kBC2Srgb:
      return {kRgba8, nullptr, decode_bc2};
    case Format::kBC3Unorm:
    case Format::kBC3Srgb:
      return {kRgba8, encode_bc3, decode_bc3};
    case Format::kBC4Unorm:
      return {kRgba8, encode_bc4, decode_bc4};
    case Format::kBC4Snorm:
      return {kRgba8Snorm, encode_bc4, decode_bc4};
    case Format::kBC5Unorm:
      return {kRgba8, encode_bc5, decode_bc5};
    case Format::kBC5Snorm:
      return {kRgba8Snorm, encode_bc5, decode_bc5};
    case Format::kBC6HUfloat:
    case Format::kBC6HSfloat:
      return {kRgba16f, encode_bc6h_run, decode_bc6h_run};
    case Format::kBC7Unorm:
    case Format::kBC7Srgb:
      return {kRgba8, encode_bc7, decode_bc7_run};
    case Format::kASTC4x4Unorm:
    case Format::kASTC4x4Srgb:
    case Format::kASTC6x6Unorm:
    case Format::kASTC6x6Srgb:
      return {kRgba8, encode_astc, decode_astc};
    case Format::kEACR11Unorm:
      return {kRgba8, encode_eac_r11, decode_eac_r11};
    case Format::kEACR11Snorm:
      return {kRgba8Snorm, encode_eac_r11, decode_eac_r11};
    case Format::kEACRG11Unorm:
      return {kRgba8, encode_eac_rg11, decode_eac_rg11};
    case Format::kEACRG11Snorm:
      return {kRgba8Snorm, encode_eac_rg11, decode_eac_rg11};
    case Format::kETC2RgbUnorm:
    case Format::kETC2RgbSrgb:
      return {kRgba8, encode_etc2_rgb, decode_etc2_rgb};
    case Format::kETC2RgbA1Unorm:
    case Format::kETC2RgbA1Srgb:
      return {kRgba8, encode_etc2_rgb_a1, decode_etc2_rgb_a1};
    case Format::kETC2RgbaUnorm:
    case Format::kETC2RgbaSrgb:
      return {kRgba8, encode_etc2_rgba, decode_etc2_rgba};
    default:
      break;
  }
  if (is_astc(format)) return {kRgba8, nullptr, decode_astc};
  if (is_astc_hdr(format)) return {kRgba16f, nullptr, decode_astc_hdr};
  return {};
}

}  // namespace forge3d::codec
