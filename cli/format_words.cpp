// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/format_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>

namespace forge3d::cli {
namespace {

/// Real formats that format_from_name need not hold: refused as not supported, not as a typing
/// error.
bool is_known_elsewhere(std::string_view word) {
  constexpr std::array<std::string_view, 6> kWords{"etc1", "etc2", "eac", "uastc", "astc", "basis"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view known) { return word.substr(0, known.size()) == known; });
}

/// The value of a word, or an error that lists the words there are.
template <class Value>
Result<Value> known(std::optional<Value> value, std::string_view option, const std::string& word,
                    std::string_view words) {
  if (value) return *value;
  return fail(ErrorCode::kInvalidArgument, fmt::format("{} {}: must be {}", option, word, words));
}

/// `more`: words beside those of formats, for the error.
Result<Format> find_format(const std::string& word, std::string_view more) {
  std::string lower = word;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::optional<Format> format = format_from_name(lower);
  if (format && can_compress(*format)) return *format;
  const std::string encodable = fmt::format("{}", fmt::join(compress_format_names(), ", "));
  if (format || is_known_elsewhere(lower))
    return fail(
        ErrorCode::kNotSupported,
        fmt::format("--format {}: this build does not encode it; it encodes {}", word, encodable));
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("--format {}: unknown; known are {}{}", word, encodable, more));
}

}  // namespace

Result<Quality> parse_quality(const std::string& word) {
  std::optional<Quality> found;
  for (const Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh})
    if (word == to_string(quality)) found = quality;
  return known(found, "--quality", word, "fast, normal or high");
}

Result<UseCase> parse_use_case(const std::string& word) {
  return known(use_case_from_name(word), "--use-case", word, "albedo, normal, height, hdr or ui");
}

Result<MemoryPriority> parse_memory_priority(const std::string& word) {
  return known(memory_priority_from_name(word), "--memory-priority", word,
               "memory, balanced or quality");
}

Result<MipFilter> parse_mip_filter(const std::string& word) {
  return known(mip_filter_from_name(word), "--mip-filter", word, "box, kaiser or lanczos");
}

Result<Format> parse_format(const std::string& word, Format automatic) {
  if (word == "auto") return automatic;
  return find_format(word, " and auto");
}

Result<Format> parse_format(const std::string& word) { return find_format(word, ""); }

std::string format_name(Format format) {
  const FormatInfo* info = format_info(format);
  return info == nullptr ? "undefined" : std::string(info->name);
}

}  // namespace forge3d::cli
