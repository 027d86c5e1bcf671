// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/allocate.hpp"

#include <fmt/format.h>

#include <exception>

namespace forge3d::texture {

Result<std::vector<std::byte>> allocate_bytes(std::uint64_t size_bytes) {
  try {  // bad_alloc or length_error: both mean that the bytes cannot be had
    if (size_bytes <= std::numeric_limits<std::size_t>::max())
      return std::vector<std::byte>(static_cast<std::size_t>(size_bytes));
  } catch (const std::exception&) {
  }
  return fail(ErrorCode::kOutOfHostMemory, fmt::format("cannot allocate {} bytes", size_bytes));
}

}  // namespace forge3d::texture
