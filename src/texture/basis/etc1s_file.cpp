// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/etc1s_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "core/worker_pool.hpp"
#include "texture/allocate.hpp"
#include "texture/basis/first_error.hpp"

namespace forge3d::basis {
namespace {

// Channels of the ETC1S model. KDFS, "ETC1S".
constexpr std::uint8_t kIdRgb = 0, kIdRed = 3, kIdGreen = 4, kIdAlpha = 15;
// The key whose presence makes layers the frames of an animation.
constexpr std::string_view kAnimationKey = "KTXanimData";

/// Images of the first `levels` levels.
std::uint64_t image_count(const Ktx2Info& info, std::uint32_t levels) {
  std::uint64_t count = 0;
  for (std::uint32_t level = 0; level < levels; ++level)
    count += std::uint64_t{info.layers} * info.faces * mip_extent(info.depth, level);
  return count;
}

// What one thread writes at a time: enough that a writer's tables pay.
constexpr std::uint64_t kChunkBlocks = 8192;

/// A fault of the stored bytes, for callers who know no file.
tl::unexpected<Error> in_file(const Ktx2Reader& reader, Error error) {
  error.message = fmt::format("{}: {}", reader.name(), error.message);
  return tl::unexpected<Error>(std::move(error));
}

Result<> resize(std::vector<Etc1sBlock>& blocks, std::uint64_t count) {
  try {
    blocks.resize(count);
  } catch (const std::exception&) {
    return fail(ErrorCode::kOutOfHostMemory, fmt::format("cannot allocate {} blocks", count));
  }
  return {};
}

/// One slice while it is decoded. `bytes` move with it, so that the decoder's view stays.
struct OpenSlice {
  std::vector<std::byte> bytes;
  std::optional<SliceDecoder> decoder;
};

/// Decodes one image's slices row by row.
class ImageDecoder {
 public:
  ImageDecoder(const Ktx2Reader& reader, const Etc1sCodebooks& books, const Etc1sImage& description,
               const Ktx2Slice& image)
      : reader_(reader),
        books_(books),
        description_(description),
        level_(image.level),
        columns_(block_columns(reader.info(), image.level)),
        rows_(block_rows(reader.info(), image.level)) {}

  /// `planes`: hold the frame before a P frame and this image afterwards; null for a still image.
  /// `writer`: where not null, gets each row.
  Result<> decode(bool two, Etc1sPlanes* planes, RowWriter* writer) {
    FORGE3D_TRY(open(first_, kColorField, description_.color_offset, description_.color_bytes));
    if (two)
      FORGE3D_TRY(open(second_, kAlphaField, description_.alpha_offset, description_.alpha_bytes));
    Etc1sPlanes row;
    Etc1sPlanes& blocks = planes == nullptr ? row : *planes;
    const std::uint64_t count = std::uint64_t{columns_} * (planes == nullptr ? 1 : rows_);
    FORGE3D_TRY(resize(blocks.first, count));
    FORGE3D_TRY(resize(blocks.second, two ? count : 0));
    for (std::uint32_t y = 0; y < rows_; ++y) {
      const std::size_t at = planes == nullptr ? 0 : std::size_t{y} * columns_;
      const auto first = std::span(blocks.first).subspan(at, columns_);
      const auto second = std::span(blocks.second).subspan(two ? at : 0, two ? columns_ : 0);
      FORGE3D_TRY(decode_row(first_, first));
      if (two) FORGE3D_TRY(decode_row(second_, second));
      if (writer != nullptr) writer->write({first, second, y});
    }
    return {};
  }

 private:
  static constexpr std::uint64_t kColorField = 4, kAlphaField = 12;

  /// Where the image's description lies in the file.
  [[nodiscard]] std::uint64_t description_at() const {
    const auto index = static_cast<std::uint64_t>(&description_ - books_.images.data());
    return reader_.info().global_data_offset + kEtc1sHeaderBytes + index * kEtc1sImageBytes;
  }

  /// `field`: of the description, the one that names the slice.
  Result<> open(OpenSlice& slice, std::uint64_t field, std::uint32_t offset,
                std::uint32_t size_bytes) {
    const Ktx2Info::Level& stored = reader_.info().level_index[level_];
    if (size_bytes == 0 || offset > stored.stored_bytes ||
        size_bytes > stored.stored_bytes - offset)
      return fail(ErrorCode::kInvalidFile,
                  fmt::format("{}: offset {}: a slice of {} bytes at {} of level {}, which has {}",
                              reader_.name(), description_at() + field, size_bytes, offset, level_,
                              stored.stored_bytes));
    FORGE3D_TRY_ASSIGN(slice.bytes, texture::allocate_bytes(size_bytes));
    FORGE3D_TRY(reader_.read_stored(level_, offset, slice.bytes));
    slice.decoder.emplace(books_, slice.bytes, stored.offset + offset, columns_,
                          description_.is_p_frame());
    return {};
  }
  Result<> decode_row(OpenSlice& slice, std::span<Etc1sBlock> row) {
    auto decoded = slice.decoder->decode_row(row);
    if (!decoded) return in_file(reader_, std::move(decoded).error());
    return {};
  }

  const Ktx2Reader& reader_;
  const Etc1sCodebooks& books_;
  const Etc1sImage& description_;
  std::uint32_t level_, columns_, rows_;
  OpenSlice first_, second_;
};

}  // namespace

std::optional<BasisChannels> etc1s_channels(std::span<const std::uint8_t> ids) {
  const std::uint8_t first = ids.empty() ? kIdAlpha : ids[0];
  const bool single = ids.size() == 1, pair = ids.size() == 2;
  if (single && first == kIdRgb) return BasisChannels::kRgb;
  if (single && first == kIdRed) return BasisChannels::kRed;
  if (pair && first == kIdRgb && ids[1] == kIdAlpha) return BasisChannels::kRgba;
  if (pair && first == kIdRed && ids[1] == kIdGreen) return BasisChannels::kRedGreen;
  return std::nullopt;
}

Result<Etc1sFile> Etc1sFile::open(const Ktx2Reader& reader) {
  Etc1sFile file(reader);
  FORGE3D_TRY(file.read());
  return file;
}

Result<> Etc1sFile::read() {
  const Ktx2Info& info = reader_.info();
  const auto channels = etc1s_channels(info.channel_ids);
  if (!channels)
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}: an ETC1S descriptor must name RGB, RGB and alpha, red, or red and "
                            "green",
                            reader_.name()));
  channels_ = *channels;
  animated_ = std::ranges::any_of(info.key_values,
                                  [](const auto& entry) { return entry.first == kAnimationKey; });
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes, reader_.read_global_data());
  auto books =
      parse_etc1s_codebooks(bytes, image_count(info, info.levels), info.global_data_offset);
  if (!books) return in_file(reader_, std::move(books).error());
  books_ = std::move(*books);
  return {};
}

const Etc1sImage& Etc1sFile::description(const Ktx2Slice& image) const {
  const std::uint64_t before = image_count(info(), image.level);
  const std::uint64_t place = std::uint64_t{image.layer} * info().faces + image.face;
  return books_.images[before + place * mip_extent(info().depth, image.level) + image.slice];
}

Result<Ktx2Slice> Etc1sFile::first_needed(const Ktx2Slice& image, const Etc1sFrame& frame) const {
  const auto is_at_hand = [&](const Ktx2Slice& wanted) {
    return !frame.planes.first.empty() && frame.image.level == wanted.level &&
           frame.image.face == wanted.face && frame.image.slice == wanted.slice &&
           frame.image.layer == wanted.layer;
  };
  Ktx2Slice first = image;
  while (description(first).is_p_frame()) {
    if (!animated_ || first.layer == 0)
      return fail(ErrorCode::kInvalidFile,
                  fmt::format("{}: offset {}: layer {} is a P frame, which follows another frame "
                              "of an animation",
                              reader_.name(), info().global_data_offset, first.layer));
    Ktx2Slice before = first;
    --before.layer;
    if (is_at_hand(before)) break;
    first = before;
  }
  return first;
}

Etc1sPicture Etc1sFile::picture(std::uint32_t level, const BlockRows& rows, std::byte* out) const {
  return {books_, channels_, mip_extent(info().width, level), texel_height(info(), level, rows),
          reinterpret_cast<std::uint8_t*>(out)};
}

Result<std::unique_ptr<RowWriter>> Etc1sFile::writer(const Etc1sPicture& picture,
                                                     Format target) const {
  auto writer = make_row_writer(picture, target);
  if (writer == nullptr)
    return fail(ErrorCode::kNotSupported, fmt::format("{}: its channels cannot be transcoded to {}",
                                                      reader_.name(), format_info(target)->name));
  return writer;
}

Result<> Etc1sFile::transcode(const Ktx2Slice& image, Format target, std::uint32_t threads,
                              std::span<std::byte> out, Etc1sFrame* frame) const {
  Etc1sFrame own;
  Etc1sFrame& last = frame == nullptr ? own : *frame;
  const BlockRows all{0, block_rows(info(), image.level)};
  const std::uint64_t blocks = std::uint64_t{all.count} * block_columns(info(), image.level);
  if (core::resolve_thread_count(threads) > 1 && blocks > kChunkBlocks) {
    FORGE3D_TRY(writer(picture(image.level, {0, 1}, out.data()), target));
    FORGE3D_TRY(decode(image, last));
    return write_rows(last, target, all, threads, out);
  }
  FORGE3D_TRY_ASSIGN(const auto rows, writer(picture(image.level, all, out.data()), target));
  return decode(image, last, frame != nullptr, rows.get());
}

Result<> Etc1sFile::decode(const Ktx2Slice& image, Etc1sFrame& frame) const {
  return decode(image, frame, true, nullptr);
}

Result<> Etc1sFile::decode(const Ktx2Slice& image, Etc1sFrame& frame, bool keep,
                           RowWriter* writer) const {
  FORGE3D_TRY_ASSIGN(Ktx2Slice next, first_needed(image, frame));
  const bool keeps_planes = keep || next.layer != image.layer;
  const bool two = has_second_slice(channels_);
  Etc1sPlanes planes = std::exchange(frame.planes, {});  // a failure leaves none behind
  for (; next.layer <= image.layer; ++next.layer)
    FORGE3D_TRY(ImageDecoder(reader_, books_, description(next), next)
                    .decode(two, keeps_planes ? &planes : nullptr,
                            next.layer == image.layer ? writer : nullptr));
  if (keep) frame = {image, std::move(planes)};
  return {};
}

Result<> Etc1sFile::write_rows(const Etc1sFrame& frame, Format target, const BlockRows& rows,
                               std::uint32_t threads, std::span<std::byte> out) const {
  const std::uint32_t level = frame.image.level, columns = block_columns(info(), level);
  const auto chunk_rows =
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(kChunkBlocks / columns, 1, rows.count));
  // Of the target, in which only the last row of the image may be smaller than the others.
  FORGE3D_TRY_ASSIGN(const std::uint64_t chunk_bytes,
                     image_bytes(target, mip_extent(info().width, level), chunk_rows * 4));
  const bool two = has_second_slice(channels_);
  FirstError first;
  core::parallel_for(threads, (rows.count - 1) / chunk_rows + 1, [&](std::uint64_t chunk) {
    first.run(chunk, [&]() -> Result<> {
      const auto begin = static_cast<std::uint32_t>(chunk) * chunk_rows;
      const BlockRows part{rows.first + begin, std::min(chunk_rows, rows.count - begin)};
      FORGE3D_TRY_ASSIGN(const auto to,
                         writer(picture(level, part, out.data() + chunk * chunk_bytes), target));
      for (std::uint32_t y = 0; y < part.count; ++y) {
        const std::size_t at = std::size_t{part.first + y} * columns;
        to->write({std::span(frame.planes.first).subspan(at, columns),
                   std::span(frame.planes.second).subspan(two ? at : 0, two ? columns : 0), y});
      }
      return {};
    });
  });
  return first.take();
}

}  // namespace forge3d::basis
