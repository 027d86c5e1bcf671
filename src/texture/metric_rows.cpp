// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/metric_rows.hpp"

#include <fmt/format.h>

#include <cstring>

#include "texture/image/image_check.hpp"

namespace forge3d::texture {
namespace {

template <class Sample>
void expand(const ImageInfo& info, const std::byte* row, float full, float* __restrict out) {
  const std::size_t channels = info.channels;
  const std::size_t green = channels < 3 ? 0 : 1, blue = channels < 3 ? 0 : 2;
  const auto load = [&](std::size_t index) {
    Sample sample;
    std::memcpy(&sample, row + index * sizeof(Sample), sizeof(Sample));
    return static_cast<float>(sample);
  };
  for (std::size_t x = 0; x < info.width; ++x) {
    out[x * 4] = load(x * channels);
    out[x * 4 + 1] = load(x * channels + green);
    out[x * 4 + 2] = load(x * channels + blue);
    out[x * 4 + 3] = info.has_alpha() ? load(x * channels + channels - 1) : full;
  }
}

}  // namespace

Result<> check_pair(const Image& a, const Image& b) {
  FORGE3D_TRY(check_image(a));
  FORGE3D_TRY(check_image(b));
  if (a.info.width != b.info.width || a.info.height != b.info.height)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("cannot compare {} x {} with {} x {} pixels", a.info.width,
                            a.info.height, b.info.width, b.info.height));
  if (a.info.type != b.info.type)
    return fail(ErrorCode::kInvalidArgument, "cannot compare images of different sample types");
  return {};
}

float full_scale(SampleType type) {
  return type == SampleType::kU8 ? 255.0f : type == SampleType::kU16 ? 65535.0f : 1.0f;
}

void expand_row(const Image& image, std::uint32_t y, std::span<float> out) {
  const std::byte* row = image.row(y).data();
  const float full = full_scale(image.info.type);
  switch (image.info.type) {
    case SampleType::kU8:
      return expand<std::uint8_t>(image.info, row, full, out.data());
    case SampleType::kU16:
      return expand<std::uint16_t>(image.info, row, full, out.data());
    case SampleType::kF32:
      return expand<float>(image.info, row, full, out.data());
  }
}

}  // namespace forge3d::texture
