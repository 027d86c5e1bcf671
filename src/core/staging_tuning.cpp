// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/staging_tuning.hpp"

#include <fmt/format.h>

#include <charconv>

namespace forge3d {
namespace {

// Calls visit(key, member) for each member; the one list of the text form.
template <class Tuning, class Visit>
void for_each_key(Tuning& tuning, Visit&& visit) {
  visit("writer_threads", tuning.writer_threads);
  visit("chunk_bytes", tuning.chunk_bytes);
  visit("streaming_stores", tuning.streaming_stores);
  visit("import_min_bytes", tuning.import_min_bytes);
  visit("direct_max_bytes", tuning.direct_max_bytes);
  visit("spin_ns", tuning.spin_ns);
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, number);
  return code == std::errc() && stop == end;
}

bool parse_number(std::string_view text, bool& flag) {
  if (text != "0" && text != "1") return false;
  flag = text == "1";
  return true;
}

}  // namespace

std::string to_string(const StagingTuning& tuning) {
  std::string text;
  for_each_key(tuning, [&](std::string_view key, auto value) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", key, std::uint64_t{value});
  });
  return text;
}

Result<StagingTuning> parse_staging_tuning(std::string_view text) {
  StagingTuning tuning;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word.empty()) continue;
    const std::size_t equals = word.find('=');
    const std::string_view key = word.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
    bool known = false, valid = false;
    for_each_key(tuning, [&](std::string_view name, auto& member) {
      if (name != key) return;
      known = true;
      valid = parse_number(value, member);
    });
    if (!known || !valid)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("staging tuning: \"{}\" is no {} of the form key=number", word,
                              known ? "value" : "key"));
  }
  return tuning;
}

}  // namespace forge3d
