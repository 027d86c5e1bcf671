// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <variant>

#include "forge3d/basis.hpp"
#include "texture/allocate.hpp"
#include "texture/basis/etc1s_file.hpp"
#include "texture/basis/etc1s_writer.hpp"
#include "texture/basis/uastc_file.hpp"

namespace forge3d {
namespace {

std::string_view model_name(BasisModel model) {
  switch (model) {
    case BasisModel::kEtc1s:
      return "ETC1S";
    case BasisModel::kUastc:
      return "UASTC";
    default:
      return "UASTC HDR";
  }
}

}  // namespace

struct BasisFrame::State {
  basis::Etc1sFrame etc1s;
};

BasisFrame::BasisFrame() : state_(std::make_unique<State>()) {}
BasisFrame::~BasisFrame() = default;
BasisFrame::BasisFrame(BasisFrame&&) noexcept = default;
BasisFrame& BasisFrame::operator=(BasisFrame&&) noexcept = default;

struct BasisTexture::Shared {
  std::variant<basis::Etc1sFile, basis::UastcFile> file;
};

bool can_transcode(BasisModel model, Format target) {
  switch (model) {
    case BasisModel::kEtc1s:
      return basis::can_write_etc1s(target);
    case BasisModel::kUastc:
      return can_transcode_uastc(target);
    case BasisModel::kUastcHdr:
      return can_transcode_uastc(target, true);
    default:
      return false;
  }
}

Result<BasisTexture> BasisTexture::open(const Ktx2Reader& reader) {
  BasisTexture texture;
  switch (reader.info().basis_model) {
    case BasisModel::kNone:
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}: holds no Basis Universal images", reader.name()));
    case BasisModel::kEtc1s: {
      FORGE3D_TRY_ASSIGN(basis::Etc1sFile file, basis::Etc1sFile::open(reader));
      texture.shared_ = std::make_shared<const Shared>(Shared{std::move(file)});
      return texture;
    }
    default:
      texture.shared_ = std::make_shared<const Shared>(Shared{basis::UastcFile(reader)});
      return texture;
  }
}

const Ktx2Info& BasisTexture::info() const {
  return std::visit([](const auto& file) -> const Ktx2Info& { return file.info(); }, shared_->file);
}

BasisChannels BasisTexture::channels() const {
  return std::visit([](const auto& file) { return file.channels(); }, shared_->file);
}

Result<> BasisTexture::transcode(const Ktx2Slice& image, Format target, std::span<std::byte> out,
                                 BasisFrame* frame) const {
  FORGE3D_TRY(check_ktx2_slice(info(), image));
  if (!can_transcode(info().basis_model, target))
    return fail(ErrorCode::kNotSupported,
                fmt::format("{} cannot be transcoded to format {}", model_name(info().basis_model),
                            static_cast<std::uint32_t>(target)));
  FORGE3D_TRY_ASSIGN(const std::uint64_t needed,
                     image_bytes(target, mip_extent(info().width, image.level),
                                 mip_extent(info().height, image.level)));
  if (out.size() != needed)
    return fail(ErrorCode::kInvalidArgument, fmt::format("level {} transcoded has {} bytes, not {}",
                                                         image.level, needed, out.size()));
  if (const auto* uastc = std::get_if<basis::UastcFile>(&shared_->file))
    return uastc->transcode(image, target, out);
  return std::get<basis::Etc1sFile>(shared_->file)
      .transcode(image, target, out, frame == nullptr ? nullptr : &frame->state_->etc1s);
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
