// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/device_format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forge3d::system {
namespace {

using ::testing::HasSubstr;

bool is_plain(Format format) {
  switch (with_srgb(format, false)) {
    case Format::kRGBA8Unorm:
    case Format::kRGBA16Sfloat:
      return true;
    default:
      return false;
  }
}

bool between(Format format, Format first, Format last) {
  return static_cast<std::uint32_t>(format) >= static_cast<std::uint32_t>(first) &&
         static_cast<std::uint32_t>(format) <= static_cast<std::uint32_t>(last);
}

/// Desktops have BC, phones ETC2 and ASTC LDR, some only plain texels.
bool desktop(Format format) {
  return is_plain(format) || between(format, Format::kBC1RgbUnorm, Format::kBC7Srgb);
}
bool phone(Format format) {
  return is_plain(format) || between(format, Format::kETC2RgbUnorm, Format::kASTC12x12Srgb);
}
bool old_phone(Format format) {
  return is_plain(format) || between(format, Format::kETC2RgbUnorm, Format::kEACRG11Snorm);
}

using Device = bool (*)(Format);

Ktx2Info basis_info(BasisModel model, bool srgb) {
  Ktx2Info info;
  info.basis_model = model;
  info.srgb = srgb;
  info.width = info.height = 16;
  return info;
}

Ktx2Info plain_info(Format format) {
  Ktx2Info info;
  info.format = format;
  info.vk_format = static_cast<std::uint32_t>(format);
  info.width = info.height = 16;
  return info;
}

Format chosen(const Ktx2Info& info, Device device, BasisChannels channels = BasisChannels::kRgba,
              Quality quality = Quality::kHigh) {
  const auto choice = choose_device_format(
      {.info = info, .channels = channels, .quality = quality, .can_sample = device});
  EXPECT_TRUE(choice) << choice.error().to_string();
  if (!choice) return Format::kUndefined;
  EXPECT_FALSE(choice->reason.empty());
  EXPECT_TRUE(device(choice->format));
  return choice->format;
}

TEST(DeviceFormat, UastcGoesToTheNearestThatTheDeviceSamples) {
  const Ktx2Info info = basis_info(BasisModel::kUastc, true);
  EXPECT_EQ(chosen(info, desktop), Format::kBC7Srgb);
  EXPECT_EQ(chosen(info, phone), Format::kASTC4x4Srgb);
  EXPECT_EQ(chosen(info, old_phone), Format::kETC2RgbaSrgb);
  EXPECT_EQ(chosen(info, old_phone, BasisChannels::kRgb), Format::kETC2RgbSrgb);
  EXPECT_EQ(chosen(info, is_plain), Format::kRGBA8Srgb);
}

TEST(DeviceFormat, Etc1sKeepsItsBlocksWhereItCan) {
  const Ktx2Info info = basis_info(BasisModel::kEtc1s, true);
  EXPECT_EQ(chosen(info, phone, BasisChannels::kRgb), Format::kETC2RgbSrgb);
  EXPECT_EQ(chosen(info, phone), Format::kETC2RgbaSrgb);
  EXPECT_EQ(chosen(info, desktop, BasisChannels::kRgb), Format::kBC7Srgb);
  EXPECT_EQ(chosen(info, desktop, BasisChannels::kRgb, Quality::kFast), Format::kBC1RgbSrgb);
  EXPECT_EQ(chosen(info, desktop, BasisChannels::kRgba, Quality::kFast), Format::kBC7Srgb);
}

TEST(DeviceFormat, FewChannelsTakeFewBytes) {
  for (const BasisModel model : {BasisModel::kEtc1s, BasisModel::kUastc}) {
    const Ktx2Info info = basis_info(model, false);
    EXPECT_EQ(chosen(info, desktop, BasisChannels::kRed), Format::kBC4Unorm);
    EXPECT_EQ(chosen(info, desktop, BasisChannels::kRedGreen), Format::kBC5Unorm);
    EXPECT_EQ(chosen(info, phone, BasisChannels::kRed), Format::kEACR11Unorm);
    EXPECT_EQ(chosen(info, phone, BasisChannels::kRedGreen), Format::kEACRG11Unorm);
    EXPECT_EQ(chosen(info, is_plain, BasisChannels::kRedGreen), Format::kRGBA8Unorm);
  }
}

TEST(DeviceFormat, FormatsWithoutSrgbDoNotTakeSrgbFiles) {
  const Ktx2Info info = basis_info(BasisModel::kUastc, true);
  EXPECT_EQ(chosen(info, desktop, BasisChannels::kRed), Format::kBC7Srgb);
}

TEST(DeviceFormat, HdrKeepsItsRange) {
  Ktx2Info info = basis_info(BasisModel::kUastcHdr, false);
  info.format = Format::kASTC4x4Sfloat;
  EXPECT_EQ(chosen(info, desktop), Format::kBC6HUfloat);
  EXPECT_EQ(chosen(info, phone), Format::kRGBA16Sfloat);
  EXPECT_EQ(chosen(plain_info(Format::kASTC6x6Sfloat), desktop), Format::kBC6HUfloat);
  EXPECT_EQ(chosen(plain_info(Format::kBC6HSfloat), phone), Format::kRGBA16Sfloat);
  const Ktx2Info astc = plain_info(Format::kASTC6x6Sfloat);
  const auto translucent =
      choose_device_format({.info = astc, .translucent = true, .can_sample = desktop});
  ASSERT_TRUE(translucent);
  EXPECT_EQ(translucent->format, Format::kRGBA16Sfloat) << "BC6H has no alpha";
}

TEST(DeviceFormat, BlocksThatAreNotSampledAreEncodedAnew) {
  EXPECT_EQ(chosen(plain_info(Format::kETC2RgbSrgb), desktop), Format::kBC7Srgb);
  EXPECT_EQ(chosen(plain_info(Format::kETC2RgbA1Unorm), desktop), Format::kBC7Unorm);
  EXPECT_EQ(chosen(plain_info(Format::kASTC8x5Srgb), desktop), Format::kBC7Srgb);
  EXPECT_EQ(chosen(plain_info(Format::kEACR11Unorm), desktop), Format::kBC4Unorm);
  EXPECT_EQ(chosen(plain_info(Format::kEACRG11Snorm), desktop), Format::kBC5Snorm);
  EXPECT_EQ(chosen(plain_info(Format::kEACR11Snorm), is_plain), Format::kRGBA16Sfloat);
  EXPECT_EQ(chosen(plain_info(Format::kBC3Srgb), phone), Format::kASTC4x4Srgb);
  EXPECT_EQ(chosen(plain_info(Format::kBC7Unorm), old_phone), Format::kETC2RgbaUnorm);
  EXPECT_EQ(chosen(plain_info(Format::kBC7Unorm), is_plain), Format::kRGBA8Unorm);
}

TEST(DeviceFormat, PlainTexelsAreWidened) {
  EXPECT_EQ(chosen(plain_info(Format::kRGB8Srgb), desktop), Format::kRGBA8Srgb);
  EXPECT_EQ(chosen(plain_info(Format::kRGB16Unorm), desktop), Format::kRGBA16Sfloat);
  EXPECT_EQ(chosen(plain_info(Format::kRGB32Sfloat), desktop), Format::kRGBA16Sfloat)
      << "where 32-bit floats are not filtered";
}

TEST(DeviceFormat, WhatIsSampledStays) {
  const Ktx2Info info = plain_info(Format::kBC7Srgb);
  const auto choice = choose_device_format({.info = info, .can_sample = desktop});
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->route, TextureRoute::kAsStored);
  EXPECT_EQ(choice->format, Format::kBC7Srgb);
}

TEST(DeviceFormat, PreferencesAreKeptOrRefused) {
  const Ktx2Info uastc = basis_info(BasisModel::kUastc, true);
  const auto prefer = [](const Ktx2Info& info, Format format) {
    return choose_device_format({.info = info, .preferred = format, .can_sample = desktop});
  };
  EXPECT_EQ(prefer(uastc, Format::kBC3Unorm)->format, Format::kBC3Srgb);
  EXPECT_EQ(prefer(uastc, Format::kBC3Unorm)->route, TextureRoute::kTranscode);
  EXPECT_EQ(prefer(plain_info(Format::kETC2RgbUnorm), Format::kBC1RgbUnorm)->route,
            TextureRoute::kEncode);
  EXPECT_EQ(prefer(plain_info(Format::kBC7Unorm), Format::kRGBA8Unorm)->route,
            TextureRoute::kConvert);
  EXPECT_EQ(prefer(plain_info(Format::kRGBA32Sfloat), Format::kBC6HUfloat)->route,
            TextureRoute::kEncode);
  const auto unsampled = prefer(uastc, Format::kASTC4x4Unorm);
  ASSERT_FALSE(unsampled);
  EXPECT_EQ(unsampled.error().code, ErrorCode::kNotSupported);
  EXPECT_THAT(unsampled.error().message, HasSubstr("ASTC_4x4_SRGB"));
  EXPECT_FALSE(prefer(uastc, Format::kBC6HUfloat)) << "no HDR of LDR";
  EXPECT_FALSE(prefer(plain_info(Format::kBC6HUfloat), Format::kBC7Unorm)) << "no LDR of HDR";
  EXPECT_FALSE(prefer(plain_info(Format::kBC7Unorm), Format::kBC4Snorm)) << "no signs to keep";
}

TEST(DeviceFormat, IntegersStayOrAreRefused) {
  Ktx2Info info = plain_info(Format::kR32Uint);
  const auto refused = choose_device_format({.info = info, .can_sample = desktop});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotSupported);
  EXPECT_THAT(refused.error().message, HasSubstr("R32_UINT is of integers"));
}

}  // namespace
}  // namespace forge3d::system
