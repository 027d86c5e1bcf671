// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/format_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace forge3d::cli {
namespace {

constexpr std::array<std::string_view, 5> kUseCases{"albedo", "normal", "height", "hdr", "ui"};
constexpr std::string_view kEncodable =
    "bc1, bc1a, bc4, bc5, bc7, etc2-rgb, etc2-rgba1, eac-r11, eac-rg11, astc-4x4, astc-6x6 and "
    "rgba8";

/// Real formats that format_from_name need not hold: refused as not supported, not as a typing
/// error.
bool is_known_elsewhere(std::string_view word) {
  constexpr std::array<std::string_view, 12> kWords{
      "bc2", "bc3", "bc4", "bc5", "bc6h", "etc1s", "etc2", "eac", "uastc", "astc", "etc1", "basis"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view known) { return word.substr(0, known.size()) == known; });
}

/// Pictures are 8-bit codes from 0: no half floats, no signed numbers.
bool takes_pictures(Format format) {
  return can_encode(format) && !is_hdr(format) &&
         format_info(format)->name.find("SNORM") == std::string_view::npos;
}

Result<Format> format_for(UseCase use_case) {
  switch (use_case) {
    case UseCase::kAlbedo:
      return Format::kBC7Unorm;
    case UseCase::kUi:
      return Format::kRGBA8Unorm;
    default:
      break;
  }
  return fail(ErrorCode::kNotSupported,
              fmt::format("--use-case {}: its formats are not encoded by this build; albedo and ui "
                          "are",
                          kUseCases[static_cast<std::size_t>(use_case)]));
}

}  // namespace

Result<Quality> parse_quality(const std::string& word) {
  for (const Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh})
    if (word == to_string(quality)) return quality;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("--quality {}: must be fast, normal or high", word));
}

Result<UseCase> parse_use_case(const std::string& word) {
  for (std::size_t i = 0; i < kUseCases.size(); ++i)
    if (word == kUseCases[i]) return static_cast<UseCase>(i);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("--use-case {}: must be albedo, normal, height, hdr or ui", word));
}

Result<Format> parse_format(const std::string& word, UseCase use_case) {
  FORGE3D_TRY_ASSIGN(const Format suited, format_for(use_case));
  if (word == "auto") return suited;
  std::string lower = word;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::optional<Format> format = format_from_name(lower);
  if (format && takes_pictures(*format)) return *format;
  if (format || is_known_elsewhere(lower))
    return fail(
        ErrorCode::kNotSupported,
        fmt::format("--format {}: this build does not encode it; it encodes {}", word, kEncodable));
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("--format {}: unknown; known are {} and auto", word, kEncodable));
}

std::string format_name(Format format) {
  const FormatInfo* info = format_info(format);
  return info == nullptr ? "undefined" : std::string(info->name);
}

}  // namespace forge3d::cli
