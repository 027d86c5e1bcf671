// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// ETC1S to the formats that put blocks of one channel beside others: BC3, BC4, BC5, ETC2 RGBA, EAC
// R11 and RG11.

#include <cstring>

#include "texture/basis/etc1s_scalars.hpp"
#include "texture/basis/etc1s_to_bc1.hpp"
#include "texture/basis/etc1s_to_etc1.hpp"

namespace forge3d::basis {
namespace {

/// Red alone, or red and green.
class ScalarWriter final : public RowWriter {
 public:
  ScalarWriter(const Etc1sPicture& picture, ScalarKind kind, bool two)
      : picture_(picture), two_(two), blocks_(picture.books, kind) {}

  void write(const Etc1sRow& row) override {
    const std::size_t step = two_ ? 16 : 8;
    const bool own_green = picture_.channels == BasisChannels::kRedGreen;
    std::uint8_t* out = picture_.out + row.index * row.first.size() * step;
    for (std::size_t i = 0; i < row.first.size(); ++i, out += step) {
      blocks_.write(row.first[i], 0, out);
      if (!two_) continue;
      if (picture_.channels == BasisChannels::kRed)
        std::memset(out + 8, 0, 8);  // all values 0, in BC4 as in EAC but for a rounding
      else
        blocks_.write(own_green ? row.second[i] : row.first[i], 1, out + 8);
    }
  }

 private:
  Etc1sPicture picture_;
  bool two_;
  ScalarBlocks blocks_;
};

/// A block of alpha, then one of color.
template <class ColorBlocks>
class AlphaColorWriter final : public RowWriter {
 public:
  AlphaColorWriter(const Etc1sPicture& picture, ScalarKind kind, std::uint64_t opaque,
                   ColorBlocks colors)
      : out_(picture.out),
        opaque_(opaque),
        alphas_(picture.books, kind),
        colors_(std::move(colors)) {}

  void write(const Etc1sRow& row) override {
    std::uint8_t* out = out_ + row.index * row.first.size() * 16;
    for (std::size_t i = 0; i < row.first.size(); ++i, out += 16) {
      if (row.second.empty())
        store_le(out, opaque_);
      else
        alphas_.write(row.second[i], 1, out);
      colors_.write(row.first[i], out + 8);
    }
  }

 private:
  std::uint8_t* out_;
  std::uint64_t opaque_;
  ScalarBlocks alphas_;
  ColorBlocks colors_;
};

// Both ends, or the base, 255.
constexpr std::uint64_t kOpaqueBc4 = 0xFFFF, kOpaqueEac = 0xFF;

}  // namespace

std::unique_ptr<RowWriter> make_bc4_writer(const Etc1sPicture& picture) {
  return std::make_unique<ScalarWriter>(picture, ScalarKind::kBc4, false);
}
std::unique_ptr<RowWriter> make_bc5_writer(const Etc1sPicture& picture) {
  return std::make_unique<ScalarWriter>(picture, ScalarKind::kBc4, true);
}
std::unique_ptr<RowWriter> make_r11_writer(const Etc1sPicture& picture) {
  return std::make_unique<ScalarWriter>(picture, ScalarKind::kEacR11, false);
}
std::unique_ptr<RowWriter> make_rg11_writer(const Etc1sPicture& picture) {
  return std::make_unique<ScalarWriter>(picture, ScalarKind::kEacR11, true);
}
std::unique_ptr<RowWriter> make_bc3_writer(const Etc1sPicture& picture) {
  const bool red_only = picture.channels == BasisChannels::kRed;
  return std::make_unique<AlphaColorWriter<Bc1Blocks>>(picture, ScalarKind::kBc4, kOpaqueBc4,
                                                       Bc1Blocks(picture.books, red_only));
}
std::unique_ptr<RowWriter> make_etc2_rgba_writer(const Etc1sPicture& picture) {
  return std::make_unique<AlphaColorWriter<Etc1Blocks>>(picture, ScalarKind::kEacAlpha, kOpaqueEac,
                                                        Etc1Blocks(picture.books));
}

}  // namespace forge3d::basis
