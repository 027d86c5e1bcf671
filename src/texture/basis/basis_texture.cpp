// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "forge3d/basis.hpp"
#include "texture/allocate.hpp"
#include "texture/basis/etc1s_file.hpp"
#include "texture/basis/etc1s_writer.hpp"

namespace forge3d {

struct BasisFrame::State {
  basis::Etc1sFrame etc1s;
};

BasisFrame::BasisFrame() : state_(std::make_unique<State>()) {}
BasisFrame::~BasisFrame() = default;
BasisFrame::BasisFrame(BasisFrame&&) noexcept = default;
BasisFrame& BasisFrame::operator=(BasisFrame&&) noexcept = default;

struct BasisTexture::Shared {
  basis::Etc1sFile etc1s;
};

bool can_transcode(BasisModel model, Format target) {
  return model == BasisModel::kEtc1s && basis::can_write_etc1s(target);
}

Result<BasisTexture> BasisTexture::open(const Ktx2Reader& reader) {
  if (reader.info().basis_model != BasisModel::kEtc1s)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: holds no BasisLZ images", reader.name()));
  FORGE3D_TRY_ASSIGN(basis::Etc1sFile file, basis::Etc1sFile::open(reader));
  BasisTexture texture;
  texture.shared_ = std::make_shared<const Shared>(Shared{std::move(file)});
  return texture;
}

const Ktx2Info& BasisTexture::info() const { return shared_->etc1s.info(); }

BasisChannels BasisTexture::channels() const { return shared_->etc1s.channels(); }

Result<> BasisTexture::transcode(const Ktx2Slice& image, Format target, std::span<std::byte> out,
                                 BasisFrame* frame) const {
  FORGE3D_TRY(check_ktx2_slice(info(), image));
  if (!can_transcode(info().basis_model, target))
    return fail(ErrorCode::kNotSupported, fmt::format("ETC1S cannot be transcoded to format {}",
                                                      static_cast<std::uint32_t>(target)));
  FORGE3D_TRY_ASSIGN(const std::uint64_t needed,
                     image_bytes(target, mip_extent(info().width, image.level),
                                 mip_extent(info().height, image.level)));
  if (out.size() != needed)
    return fail(ErrorCode::kInvalidArgument, fmt::format("level {} transcoded has {} bytes, not {}",
                                                         image.level, needed, out.size()));
  return shared_->etc1s.transcode(image, target, out,
                                  frame == nullptr ? nullptr : &frame->state_->etc1s);
}

Result<std::vector<std::byte>> BasisTexture::transcode(const Ktx2Slice& image, Format target,
                                                       BasisFrame* frame) const {
  FORGE3D_TRY(check_ktx2_slice(info(), image));
  FORGE3D_TRY_ASSIGN(const std::uint64_t size_bytes,
                     image_bytes(target, mip_extent(info().width, image.level),
                                 mip_extent(info().height, image.level)));
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> out, texture::allocate_bytes(size_bytes));
  FORGE3D_TRY(transcode(image, target, out, frame));
  return out;
}

}  // namespace forge3d
