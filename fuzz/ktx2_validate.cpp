// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes through the validator. What it finds no fault with must open, read and transcode.

#include "forge3d/basis.hpp"
#include "forge3d/ktx2.hpp"

namespace {

bool refused_for_a_limit(const forge3d::Error& error) {
  return error.code == forge3d::ErrorCode::kNotSupported ||
         error.code == forge3d::ErrorCode::kOutOfHostMemory;
}

template <class T>
void check(const forge3d::Result<T>& result) {
  if (!result && !refused_for_a_limit(result.error())) __builtin_trap();
}

void read_level(const forge3d::Ktx2Reader& reader, std::uint32_t level) {
  check(reader.read_level(level));
  const bool uastc = reader.info().basis_model == forge3d::BasisModel::kUastc;
  if (!uastc) return;  // BasisLZ is transcoded by the validator
  const auto texture = forge3d::BasisTexture::open(reader);
  check(texture);
  if (texture) check(texture->transcode({.level = level}, forge3d::Format::kRGBA8Unorm));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  auto source = forge3d::make_memory_source(std::as_bytes(std::span(data, size_bytes)));
  const forge3d::Ktx2ValidateOptions options{.max_inflated_bytes = 1 << 20};
  const auto findings = forge3d::validate_ktx2(*source, options);
  (void)forge3d::validate_ktx2(*source, {.gltf_basisu = true, .max_inflated_bytes = 0});
  if (!findings || !forge3d::is_valid(*findings)) return 0;
  const auto reader =
      forge3d::Ktx2Reader::open(std::move(source), {.max_level_bytes = options.max_inflated_bytes});
  if (!reader) {
    if (!refused_for_a_limit(reader.error())) __builtin_trap();
    return 0;
  }
  for (std::uint32_t level = 0; level < reader->info().levels; ++level) read_level(*reader, level);
  return 0;
}
