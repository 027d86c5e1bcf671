// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/etc1s_writer.hpp"

namespace forge3d::basis {
namespace {

bool is_colored(BasisChannels channels) {
  return channels == BasisChannels::kRgb || channels == BasisChannels::kRgba;
}

}  // namespace

bool can_write_etc1s(Format target) {
  switch (with_srgb(target, false)) {
    case Format::kRGBA8Unorm:
    case Format::kBC1RgbUnorm:
    case Format::kBC1RgbaUnorm:
    case Format::kBC3Unorm:
    case Format::kBC4Unorm:
    case Format::kBC5Unorm:
    case Format::kBC7Unorm:
    case Format::kETC2RgbUnorm:
    case Format::kETC2RgbaUnorm:
    case Format::kEACR11Unorm:
    case Format::kEACRG11Unorm:
    case Format::kASTC4x4Unorm:
      return true;
    default:
      return false;
  }
}

std::unique_ptr<RowWriter> make_row_writer(const Etc1sPicture& picture, Format target) {
  const bool colored = is_colored(picture.channels);
  const bool on_line = picture.channels != BasisChannels::kRedGreen;
  switch (with_srgb(target, false)) {
    case Format::kRGBA8Unorm:
      return make_rgba8_writer(picture);
    case Format::kBC4Unorm:
      return make_bc4_writer(picture);
    case Format::kBC5Unorm:
      return make_bc5_writer(picture);
    case Format::kBC7Unorm:
      return make_bc7_writer(picture);
    case Format::kASTC4x4Unorm:
      return make_astc_writer(picture);
    case Format::kEACR11Unorm:
      return make_r11_writer(picture);
    case Format::kEACRG11Unorm:
      return make_rg11_writer(picture);
    case Format::kBC1RgbUnorm:
    case Format::kBC1RgbaUnorm:
      if (on_line) return make_bc1_writer(picture);
      break;
    case Format::kBC3Unorm:
      if (on_line) return make_bc3_writer(picture);
      break;
    case Format::kETC2RgbUnorm:
      if (colored) return make_etc1_writer(picture);
      break;
    case Format::kETC2RgbaUnorm:
      if (colored) return make_etc2_rgba_writer(picture);
      break;
    default:
      break;
  }
  return make_encoded_writer(picture, target);
}

}  // namespace forge3d::basis
