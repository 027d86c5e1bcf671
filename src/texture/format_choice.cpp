// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Which formats suit a use case.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "forge3d/compress.hpp"

namespace forge3d {
namespace {

constexpr std::array<std::pair<std::string_view, UseCase>, 5> kUseCases{{
    {"albedo", UseCase::kAlbedo},
    {"normal", UseCase::kNormal},
    {"height", UseCase::kHeight},
    {"hdr", UseCase::kHdr},
    {"ui", UseCase::kUi},
}};
constexpr std::array<std::pair<std::string_view, MemoryPriority>, 3> kPriorities{{
    {"memory", MemoryPriority::kMemory},
    {"balanced", MemoryPriority::kBalanced},
    {"quality", MemoryPriority::kQuality},
}};

template <class Table>
auto value_of(const Table& table, std::string_view name)
    -> std::optional<decltype(table[0].second)> {
  for (const auto& [known, value] : table)
    if (known == name) return value;
  return std::nullopt;
}

template <class Table, class Value>
std::string_view name_of(const Table& table, Value wanted) {
  for (const auto& [name, value] : table)
    if (value == wanted) return name;
  return "unknown";
}

/// One format for a use case and what speaks for it.
struct Wish {
  Format format;
  std::string_view reason;
};

/// All that are as good as each other are separate wishes: the first that is possible counts.
using Wishes = std::vector<Wish>;

Wishes albedo_wishes(const FormatQuery& query) {
  using enum Format;
  if (query.memory_priority == MemoryPriority::kMemory && !query.translucent)
    return {{kBC1RgbUnorm, "BC1 is half of BC7, for opaque images"},
            {kETC2RgbUnorm, "ETC2 RGB has 4 bits a texel, for opaque images"},
            {kASTC6x6Unorm, "ASTC 6x6 has 3.6 bits a texel"}};
  if (query.memory_priority == MemoryPriority::kMemory)
    return {{kASTC6x6Unorm, "ASTC 6x6 has 3.6 bits a texel, alpha included"},
            {kBC7Unorm, "BC7 holds colour and alpha best at 8 bits a texel"},
            {kETC2RgbaUnorm, "ETC2 RGBA holds colour and alpha at 8 bits a texel"},
            {kBC3Unorm, "BC3 holds colour and alpha at 8 bits a texel"}};
  Wishes wishes{{kBC7Unorm, "BC7 holds colour and alpha best at 8 bits a texel"},
                {kASTC4x4Unorm, "ASTC 4x4 holds colour and alpha at 8 bits a texel"}};
  if (query.translucent) {
    wishes.push_back({kETC2RgbaUnorm, "ETC2 RGBA holds colour and alpha at 8 bits a texel"});
    wishes.push_back({kBC3Unorm, "BC3 holds colour and alpha at 8 bits a texel"});
  } else {
    wishes.push_back({kETC2RgbUnorm, "ETC2 RGB has 4 bits a texel, for opaque images"});
    wishes.push_back({kBC1RgbUnorm, "BC1 has 4 bits a texel, for opaque images"});
  }
  return wishes;
}

Wishes wishes_for(const FormatQuery& query) {
  using enum Format;
  switch (query.use_case) {
    case UseCase::kAlbedo:
      return albedo_wishes(query);
    case UseCase::kNormal:
      return {{kBC5Unorm, "BC5 holds x and y at 8 bits a texel, z is rebuilt"},
              {kEACRG11Unorm, "EAC RG11 holds x and y at 8 bits a texel, z is rebuilt"},
              {kASTC4x4Unorm, "ASTC 4x4 holds x, y and z at 8 bits a texel"},
              {kBC7Unorm, "BC7 without sRGB holds x, y and z at 8 bits a texel"}};
    case UseCase::kHeight:
      return {{kBC4Unorm, "BC4 holds one channel at 4 bits a texel"},
              {kEACR11Unorm, "EAC R11 holds one channel at 4 bits a texel"},
              {kASTC4x4Unorm, "ASTC 4x4 holds the height in all three colours"},
              {kBC7Unorm, "BC7 without sRGB holds the height in all three colours"}};
    case UseCase::kHdr:
      return {{kBC6HUfloat, "BC6H holds half floats at 8 bits a texel"},
              {kASTC4x4Sfloat, "ASTC 4x4 holds half floats at 8 bits a texel"}};
    case UseCase::kUi:
      break;
  }
  return {};
}

/// What loses nothing, or next to nothing, for use where blocks do not suffice.
Format plain_format(const FormatQuery& query) {
  if (query.use_case == UseCase::kHdr) return Format::kRGBA16Sfloat;
  const bool wide = query.samples != SampleType::kU8;
  return query.use_case == UseCase::kHeight && wide ? Format::kR16Unorm : Format::kRGBA8Unorm;
}

bool can_sample(const FormatQuery& query, Format format) {
  return !query.can_sample || query.can_sample(format);
}

std::string_view family(Format format) {
  const std::string_view name = format_info(format)->name;
  const auto end =
      std::min(name.find("_UNORM"), std::min(name.find("_SFLOAT"), name.find("_UFLOAT")));
  return name.substr(0, end);
}

/// What stood before the one that was taken, and why it was not.
std::string passed_over(const FormatQuery& query, const std::vector<Format>& formats) {
  std::string text;
  for (const Format format : formats)
    text +=
        fmt::format("{}{} is not {}", text.empty() ? " (" : ", ", family(format),
                    can_sample(query, format) ? "encoded by this build" : "sampled by the device");
  return text.empty() ? text : text + ")";
}

/// The next best format above the smallest one, for memory first and a target.
std::optional<Format> larger_format(const FormatQuery& query, Format smallest) {
  using enum Format;
  if (query.use_case != UseCase::kAlbedo) return std::nullopt;
  for (const Format format : {kBC7Unorm, kASTC4x4Unorm})
    if (format != smallest && can_compress(format) && can_sample(query, format)) return format;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(UseCase use_case) { return name_of(kUseCases, use_case); }
std::optional<UseCase> use_case_from_name(std::string_view name) {
  return value_of(kUseCases, name);
}
std::string_view to_string(MemoryPriority priority) { return name_of(kPriorities, priority); }
std::optional<MemoryPriority> memory_priority_from_name(std::string_view name) {
  return value_of(kPriorities, name);
}

bool can_compress(Format format) {
  return can_encode(format) || format == Format::kR16Unorm || format == Format::kRGBA16Sfloat;
}

std::vector<std::string_view> compress_format_names() {
  std::vector<std::string_view> names;
  for (const std::string_view name : format_short_names())
    if (const auto format = format_from_name(name); format && can_compress(*format))
      names.push_back(name);
  return names;
}

Result<FormatChoice> choose_formats(const FormatQuery& query) {
  const std::string_view use_case = to_string(query.use_case);
  const Format plain = plain_format(query);
  const bool plain_possible = can_sample(query, plain);
  std::vector<Format> passed;
  FormatChoice choice;
  for (const Wish& wish : wishes_for(query)) {
    if (!can_compress(wish.format) || !can_sample(query, wish.format)) {
      passed.push_back(wish.format);
      continue;
    }
    choice.formats.push_back(wish.format);
    choice.reason = fmt::format("{}: {}{}", use_case, wish.reason, passed_over(query, passed));
    break;
  }
  if (choice.formats.empty()) {
    if (!plain_possible)
      return fail(ErrorCode::kNotSupported,
                  fmt::format("{}: the device samples no format that suits it and that this build "
                              "encodes{}",
                              use_case, passed_over(query, passed)));
    choice.formats.push_back(plain);
    choice.reason = query.use_case == UseCase::kUi
                        ? "ui stays uncompressed: sharp edges and text show the artefacts of blocks"
                        : fmt::format("{}: {} without blocks{}", use_case, family(plain),
                                      passed_over(query, passed));
    return choice;
  }
  if (query.memory_priority == MemoryPriority::kMemory)
    if (const auto larger = larger_format(query, choice.formats[0]))
      choice.formats.push_back(*larger);
  if (query.memory_priority == MemoryPriority::kQuality && plain_possible)
    choice.formats.push_back(plain);
  return choice;
}

}  // namespace forge3d
