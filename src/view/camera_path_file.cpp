// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "view/camera_fields.hpp"
#include "view/camera_path.hpp"

namespace forge3d::view {
namespace {

using nlohmann::json;

constexpr std::uintmax_t kMaxFileBytes = 64u << 20;

struct Key {
  std::uint32_t frame = 0;
  Camera camera;
};

Camera between(const Key& a, const Key& b, std::uint32_t frame) {
  const double t = double(frame - a.frame) / double(b.frame - a.frame);
  Camera camera;
  for (const CameraField& field : kCameraFields)
    camera.*field.member = std::lerp(a.camera.*field.member, b.camera.*field.member, t);
  return camera;
}

class KeyedPath final : public CameraPath {
 public:
  KeyedPath(std::vector<Key> keys, std::uint32_t frames)
      : keys_(std::move(keys)), frames_(frames) {}
  std::uint32_t frames() const override { return frames_; }
  Camera at(std::uint32_t frame) const override {
    const auto after =
        std::upper_bound(keys_.begin(), keys_.end(), frame,
                         [](std::uint32_t f, const Key& key) { return f < key.frame; });
    if (after == keys_.begin()) return keys_.front().camera;
    if (after == keys_.end()) return keys_.back().camera;
    return between(*std::prev(after), *after, frame);
  }
  std::vector<std::uint32_t> stops() const override { return quarter_stops(frames_); }

 private:
  std::vector<Key> keys_;
  std::uint32_t frames_;
};

/// Reads one path file; every failure names the file, the JSON path and the rule.
class PathParser {
 public:
  explicit PathParser(std::string_view name) : name_(name) {}

  Result<std::vector<Key>> parse(std::string_view text) const {
    const json root = json::parse(text, nullptr, false);
    if (root.is_discarded()) return broken("/", "is not valid JSON");
    if (!root.is_object()) return broken("/", "must be an object with the key \"cameras\"");
    for (const auto& [key, value] : root.items())
      if (key != "cameras") return broken("/" + key, "is not a key of a camera path");
    const auto cameras = root.find("cameras");
    if (cameras == root.end() || !cameras->is_array() || cameras->empty())
      return broken("/cameras", "must be an array with at least one entry");
    std::vector<Key> keys;
    for (std::size_t i = 0; i < cameras->size(); ++i) {
      FORGE3D_TRY_ASSIGN(Key key, parse_key((*cameras)[i], fmt::format("/cameras/{}", i)));
      if (!keys.empty() && key.frame <= keys.back().frame)
        return broken(
            fmt::format("/cameras/{}/frame", i),
            fmt::format("is {}, must be above the one before, {}", key.frame, keys.back().frame));
      keys.push_back(key);
    }
    return keys;
  }

 private:
  tl::unexpected<Error> broken(std::string_view path, std::string_view rule) const {
    return fail(ErrorCode::kInvalidFile, fmt::format("{}: {}: {}", name_, path, rule));
  }

  Result<Key> parse_key(const json& entry, const std::string& path) const {
    if (!entry.is_object()) return broken(path, "must be an object");
    FORGE3D_TRY(check_names(entry, path));
    Key key;
    const auto frame = entry.find("frame");
    if (frame == entry.end() || !frame->is_number_unsigned() ||
        frame->get<std::uint64_t>() >= kMaxPathFrames)
      return broken(path + "/frame",
                    fmt::format("must be an integer in 0..{}", kMaxPathFrames - 1));
    key.frame = frame->get<std::uint32_t>();
    for (const CameraField& field : kCameraFields)
      FORGE3D_TRY(parse_field(entry, path, field, key.camera));
    return key;
  }

  Result<> check_names(const json& entry, const std::string& path) const {
    for (auto item = entry.begin(); item != entry.end(); ++item) {
      const std::string& name = item.key();
      const bool known = name == "frame" ||
                         std::any_of(kCameraFields.begin(), kCameraFields.end(),
                                     [&](const CameraField& field) { return name == field.name; });
      if (!known) return broken(path + "/" + name, "is not a key of a camera");
    }
    return {};
  }

  Result<> parse_field(const json& entry, const std::string& path, const CameraField& field,
                       Camera& camera) const {
    const auto value = entry.find(field.name);
    if (value == entry.end() && field.optional) return {};
    const double number = value != entry.end() && value->is_number() ? value->get<double>() : NAN;
    if (!field.accepts(number))
      return broken(fmt::format("{}/{}", path, field.name),
                    fmt::format("must be a number in {}..{}", field.low, field.high));
    camera.*field.member = number;
    return {};
  }

  std::string_view name_;
};

Result<std::string> read_text(const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t size_bytes = std::filesystem::file_size(file, error);
  if (error)
    return fail(ErrorCode::kIo, fmt::format("cannot read {}: {}", file.string(), error.message()));
  if (size_bytes > kMaxFileBytes)
    return fail(ErrorCode::kInvalidFile, fmt::format("{}: {} bytes, at most {} for a camera path",
                                                     file.string(), size_bytes, kMaxFileBytes));
  std::ifstream stream(file, std::ios::binary);
  std::string text(size_bytes, '\0');
  if (!stream.read(text.data(), std::streamsize(size_bytes)))
    return fail(ErrorCode::kIo, fmt::format("cannot read {}", file.string()));
  return text;
}

}  // namespace

Result<std::unique_ptr<CameraPath>> parse_camera_path(std::string_view text, std::string_view name,
                                                      std::uint32_t frames) {
  FORGE3D_TRY_ASSIGN(std::vector<Key> keys, PathParser(name).parse(text));
  if (frames == 0) frames = keys.back().frame + 1;
  return std::make_unique<KeyedPath>(std::move(keys), frames);
}

Result<std::unique_ptr<CameraPath>> read_camera_path(const std::filesystem::path& file,
                                                     std::uint32_t frames) {
  FORGE3D_TRY_ASSIGN(const std::string text, read_text(file));
  return parse_camera_path(text, file.string(), frames);
}

}  // namespace forge3d::view
