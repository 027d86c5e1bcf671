// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/image/byte_cursor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace forge3d::texture {
namespace {
constexpr std::uint64_t kBufferBytes = 64 * 1024;
}

Result<> ByteCursor::refill() {
  const std::uint64_t left = source_->size_bytes() - next_offset_;
  if (left == 0)
    return fail(ErrorCode::kInvalidFile,
                fmt::format("the file is cut off: it ends at byte {}", next_offset_));
  buffer_.resize(static_cast<std::size_t>(std::min(left, kBufferBytes)));
  used_bytes_ = 0;
  FORGE3D_TRY(source_->read(next_offset_, buffer_));
  next_offset_ += buffer_.size();
  return {};
}

Result<> ByteCursor::read(std::span<std::byte> out) {
  while (!out.empty()) {
    if (used_bytes_ == buffer_.size()) FORGE3D_TRY(refill());
    const std::size_t count = std::min(out.size(), buffer_.size() - used_bytes_);
    std::memcpy(out.data(), buffer_.data() + used_bytes_, count);
    used_bytes_ += count;
    out = out.subspan(count);
  }
  return {};
}

Result<std::span<const std::byte>> ByteCursor::next_chunk() {
  if (used_bytes_ == buffer_.size()) FORGE3D_TRY(refill());
  const auto chunk = std::span<const std::byte>(buffer_).subspan(used_bytes_);
  used_bytes_ = buffer_.size();
  return chunk;
}

}  // namespace forge3d::texture
