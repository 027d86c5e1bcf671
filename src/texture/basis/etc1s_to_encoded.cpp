// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// ETC1S to any block format by way of pixels: for what has no shorter way.

#include <vector>

#include "texture/basis/etc1s_writer.hpp"
#include "texture/codec/block_codec.hpp"

namespace forge3d::basis {
namespace {

/// Pixels of a row of blocks, then their blocks.
class EncodedWriter final : public RowWriter {
 public:
  EncodedWriter(const Etc1sPicture& picture, Format target)
      : picture_(picture),
        target_(target),
        block_bytes_(format_info(target)->block_bytes),
        row_bytes_(std::size_t{16} * picture.columns()),
        texels_(4 * row_bytes_) {
    // Blocks over the edge keep the texels that they have there.
    Etc1sPicture strip = picture;
    strip.width = picture.columns() * 4;
    strip.height = 4;
    strip.out = texels_.data();
    pixels_ = make_rgba8_writer(strip);
  }

  void write(const Etc1sRow& row) override {
    encode({row.first, row.second, 0}, picture_.out + row.index * row.first.size() * block_bytes_);
  }

 private:
  void encode(const Etc1sRow& row, std::uint8_t* out) {
    pixels_->write(row);
    codec::block_codec(target_).encode({.texels = texels_.data(),
                                        .row_bytes = row_bytes_,
                                        .blocks = row.first.size(),
                                        .format = target_,
                                        .quality = Quality::kFast,
                                        .out = out,
                                        .errors = nullptr});
  }

  Etc1sPicture picture_;
  Format target_;
  std::size_t block_bytes_;
  std::size_t row_bytes_;
  std::vector<std::uint8_t> texels_;
  std::unique_ptr<RowWriter> pixels_;
};

}  // namespace

std::unique_ptr<RowWriter> make_encoded_writer(const Etc1sPicture& picture, Format target) {
  if (codec::block_codec(target).encode == nullptr) return nullptr;
  return std::make_unique<EncodedWriter>(picture, target);
}

}  // namespace forge3d::basis
