// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <variant>

#include "core/worker_pool.hpp"
#include "forge3d/basis.hpp"
#include "texture/allocate.hpp"
#include "texture/basis/etc1s_file.hpp"
#include "texture/basis/first_error.hpp"
#include "texture/basis/uastc_file.hpp"

namespace forge3d {
namespace {

/// The images of one face and slice, a layer after the other, so that each frame of an animation
/// finds the one before it.
Result<> transcode_layers(const basis::Etc1sFile& file, Ktx2Slice image, const BasisLevelDesc& desc,
                          std::size_t image_size, std::span<std::byte> out) {
  const Ktx2Info& info = file.info();
  const std::uint32_t slices = mip_extent(info.depth, image.level);
  basis::Etc1sFrame frame;
  for (; image.layer < info.layers; ++image.layer) {
    const std::uint64_t index =
        (std::uint64_t{image.layer} * info.faces + image.face) * slices + image.slice;
    FORGE3D_TRY(file.transcode(image, desc.target, desc.threads,
                               out.subspan(index * image_size, image_size),
                               info.layers > 1 ? &frame : nullptr));
  }
  return {};
}

/// All images of one level of ETC1S, faces and slices beside each other.
Result<> transcode_etc1s_level(const basis::Etc1sFile& file, std::uint32_t level,
                               const BasisLevelDesc& desc, std::span<std::byte> out) {
  const Ktx2Info& info = file.info();
  const std::uint32_t slices = mip_extent(info.depth, level);
  const std::uint64_t chains = std::uint64_t{info.faces} * slices;
  const std::size_t image_size = out.size() / (info.layers * chains);
  // Either the images or the rows of each are spread over the threads.
  const bool beside = chains >= core::resolve_thread_count(desc.threads);
  BasisLevelDesc each = desc;
  if (beside) each.threads = 1;
  basis::FirstError first;
  core::parallel_for(beside ? desc.threads : 1, chains, [&](std::uint64_t chain) {
    first.run(chain, [&] {
      const Ktx2Slice image{.level = level,
                            .face = static_cast<std::uint32_t>(chain / slices),
                            .slice = static_cast<std::uint32_t>(chain % slices)};
      return transcode_layers(file, image, each, image_size, out);
    });
  });
  return first.take();
}

}  // namespace

std::string_view to_string(BasisModel model) {
  switch (model) {
    case BasisModel::kEtc1s:
      return "ETC1S";
    case BasisModel::kUastc:
      return "UASTC";
    case BasisModel::kUastcHdr:
      return "UASTC HDR";
    case BasisModel::kNone:
      break;
  }
  return "none";
}

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

namespace {

Result<> check_target(BasisModel model, Format target) {
  if (can_transcode(model, target)) return {};
  return fail(ErrorCode::kNotSupported,
              fmt::format("{} cannot be transcoded to format {}", to_string(model),
                          static_cast<std::uint32_t>(target)));
}

}  // namespace

Result<> BasisTexture::transcode(const Ktx2Slice& image, Format target, std::span<std::byte> out,
                                 BasisFrame* frame) const {
  FORGE3D_TRY(check_ktx2_slice(info(), image));
  FORGE3D_TRY(check_target(info().basis_model, target));
  FORGE3D_TRY_ASSIGN(const std::uint64_t needed,
                     image_bytes(target, mip_extent(info().width, image.level),
                                 mip_extent(info().height, image.level)));
  if (out.size() != needed)
    return fail(ErrorCode::kInvalidArgument, fmt::format("level {} transcoded has {} bytes, not {}",
                                                         image.level, needed, out.size()));
  if (const auto* uastc = std::get_if<basis::UastcFile>(&shared_->file))
    return uastc->transcode(image, target, out);
  return std::get<basis::Etc1sFile>(shared_->file)
      .transcode(image, target, 1, out, frame == nullptr ? nullptr : &frame->state_->etc1s);
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

Result<std::vector<std::byte>> BasisTexture::transcode_level(std::uint32_t level,
                                                             const BasisLevelDesc& desc) const {
  FORGE3D_TRY(check_ktx2_slice(info(), {.level = level}));
  FORGE3D_TRY(check_target(info().basis_model, desc.target));
  FORGE3D_TRY_ASSIGN(
      const std::uint64_t image_size,
      image_bytes(desc.target, mip_extent(info().width, level), mip_extent(info().height, level)));
  const std::uint64_t images =
      std::uint64_t{info().layers} * info().faces * mip_extent(info().depth, level);
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> out, texture::allocate_bytes(images * image_size));
  if (const auto* uastc = std::get_if<basis::UastcFile>(&shared_->file))
    FORGE3D_TRY(uastc->transcode_level(level, desc, out));
  else
    FORGE3D_TRY(transcode_etc1s_level(std::get<basis::Etc1sFile>(shared_->file), level, desc, out));
  return out;
}

struct BasisLevel::State {
  std::shared_ptr<const BasisTexture::Shared> shared;
  std::uint32_t level = 0;
  BasisLevelDesc desc;
  std::vector<std::byte> stored;          ///< Of UASTC where rows alone cannot be read.
  std::vector<basis::Etc1sFrame> frames;  ///< Of ETC1S: one, or one a face and slice.

  [[nodiscard]] const Ktx2Info& info() const {
    return std::visit([](const auto& file) -> const Ktx2Info& { return file.info(); },
                      shared->file);
  }
  [[nodiscard]] std::uint64_t images_a_layer() const {
    return std::uint64_t{info().faces} * mip_extent(info().depth, level);
  }
  Result<> check(std::uint64_t image, const basis::BlockRows& rows, std::size_t size_bytes) const;
  Result<> write(const basis::Etc1sFile& file, std::uint64_t image, const basis::BlockRows& rows,
                 std::span<std::byte> out);
};

Result<> BasisLevel::State::check(std::uint64_t image, const basis::BlockRows& rows,
                                  std::size_t size_bytes) const {
  const std::uint32_t all = basis::block_rows(info(), level);
  if (image >= info().layers * images_a_layer() || rows.count == 0 || rows.first >= all ||
      rows.count > all - rows.first)
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("level {}: {} rows of blocks from {} on of image {}, where {} images "
                    "have {} rows",
                    level, rows.count, rows.first, image, info().layers * images_a_layer(), all));
  FORGE3D_TRY_ASSIGN(const std::uint64_t needed,
                     image_bytes(desc.target, mip_extent(info().width, level),
                                 basis::texel_height(info(), level, rows)));
  if (size_bytes == needed) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("level {}: {} rows of blocks have {} bytes, not {}", level, rows.count,
                          needed, size_bytes));
}

/// Decodes the image's indices unless they are at hand.
Result<> BasisLevel::State::write(const basis::Etc1sFile& file, std::uint64_t image,
                                  const basis::BlockRows& rows, std::span<std::byte> out) {
  const std::uint32_t slices = mip_extent(info().depth, level);
  const std::uint64_t chain = image % images_a_layer();
  const Ktx2Slice slice{.level = level,
                        .layer = static_cast<std::uint32_t>(image / images_a_layer()),
                        .face = static_cast<std::uint32_t>(chain / slices),
                        .slice = static_cast<std::uint32_t>(chain % slices)};
  basis::Etc1sFrame& frame = frames[chain % frames.size()];
  const bool at_hand = !frame.planes.first.empty() && frame.image.layer == slice.layer &&
                       frame.image.face == slice.face && frame.image.slice == slice.slice;
  if (!at_hand) FORGE3D_TRY(file.decode(slice, frame));
  return file.write_rows(frame, desc.target, rows, desc.threads, out);
}

BasisLevel::BasisLevel(std::unique_ptr<State> state) : state_(std::move(state)) {}
BasisLevel::BasisLevel(BasisLevel&&) noexcept = default;
BasisLevel& BasisLevel::operator=(BasisLevel&&) noexcept = default;
BasisLevel::~BasisLevel() = default;

Result<> BasisLevel::write_rows(std::uint64_t image, std::uint32_t first_row, std::uint32_t rows,
                                std::span<std::byte> out) {
  const basis::BlockRows part{first_row, rows};
  FORGE3D_TRY(state_->check(image, part, out.size()));
  if (const auto* uastc = std::get_if<basis::UastcFile>(&state_->shared->file))
    return uastc->write_rows(state_->stored, state_->level, image, part, state_->desc, out);
  return state_->write(std::get<basis::Etc1sFile>(state_->shared->file), image, part, out);
}

Result<BasisLevel> BasisTexture::open_level(std::uint32_t level, const BasisLevelDesc& desc) const {
  FORGE3D_TRY(check_ktx2_slice(info(), {.level = level}));
  FORGE3D_TRY(check_target(info().basis_model, desc.target));
  auto state = std::make_unique<BasisLevel::State>();
  state->shared = shared_;
  state->level = level;
  state->desc = desc;
  if (const auto* uastc = std::get_if<basis::UastcFile>(&shared_->file)) {
    if (!uastc->reads_rows()) {
      FORGE3D_TRY_ASSIGN(state->stored, uastc->read_level(level));
    }
  } else {
    state->frames.resize(info().layers > 1 ? state->images_a_layer() : 1);
  }
  return BasisLevel(std::move(state));
}

}  // namespace forge3d
