// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/etc1s_slices.hpp"

#include <fmt/format.h>

#include <utility>

namespace forge3d::basis {
namespace {

// Symbols of endpoint predictions: 2 bits for each of 2 x 2 blocks, then "as before, n times".
constexpr std::uint32_t kRepeatPredictions = 256;
constexpr std::uint32_t kLeastPredictionRun = 3;
// Predictions.
constexpr std::uint32_t kLeft = 0, kAbove = 1, kAboveLeft = 2, kByDifference = 3;

constexpr std::uint32_t kLeastSelectorRun = 3;
constexpr std::uint32_t kLongSelectorRun = 63;

}  // namespace

SliceDecoder::SliceDecoder(const Etc1sCodebooks& books, std::span<const std::byte> bytes,
                           std::uint64_t at, std::uint32_t columns, bool is_p_frame)
    : books_(books),
      bytes_(bytes),
      at_(at),
      bits_(bytes),
      is_p_frame_(is_p_frame),
      above_(columns),
      next_row_bits_(columns / 2 + 1),
      history_(books.selector_history) {}

Result<> SliceDecoder::decode_row(std::span<Etc1sBlock> row) {
  BitReader bits = bits_;  // a copy stays in registers
  const bool whole = decode_blocks(bits, row);
  bits_ = bits;
  if (!whole || bits_.overrun())
    return fail(ErrorCode::kInvalidFile,
                fmt::format("offset {}: block row {}: {}", at_ + bits_.byte_position(bytes_), row_,
                            bits_.overrun() ? "the slice ends in the middle of a block" : rule_));
  ++row_;
  return {};
}

bool SliceDecoder::decode_blocks(BitReader& bits, std::span<Etc1sBlock> row) {
  std::uint16_t above_left = 0;
  std::uint32_t last = last_endpoint_, predictions = 0;
  for (std::size_t column = 0; column < row.size(); ++column) {
    if (column % 2 == 0) {
      if (row_ % 2 != 0) {
        predictions = next_row_bits_[column / 2];
      } else {
        if (!next_predictions(bits, predictions)) return false;
        next_row_bits_[column / 2] = static_cast<std::uint8_t>(predictions >> 4);
      }
    }
    const std::uint32_t prediction = predictions & 3;
    predictions >>= 2;
    const std::uint16_t above = above_[column];
    const bool kept = is_p_frame_ && prediction == kAboveLeft;
    if (prediction == kByDifference) {
      if (!next_endpoint(bits, last)) return false;
    } else if (kept) {
      last = row[column].endpoint;
    } else {
      if (!has_neighbor(prediction, column)) return false;
      last = prediction == kLeft ? last : prediction == kAbove ? above : above_left;
    }
    above_left = above;
    above_[column] = static_cast<std::uint16_t>(last);
    row[column].endpoint = static_cast<std::uint16_t>(last);
    if (!kept && !next_selectors(bits, row[column].selectors)) return false;
  }
  last_endpoint_ = last;
  return true;
}

bool SliceDecoder::has_neighbor(std::uint32_t prediction, std::size_t column) {
  if (prediction != kAbove && column == 0) return broken("no block lies left of this one");
  if (prediction != kLeft && row_ == 0) return broken("no block lies above this one");
  return true;
}

/// The predictions of the next 2 x 2 blocks.
bool SliceDecoder::next_predictions(BitReader& bits, std::uint32_t& predictions) {
  if (prediction_run_ != 0) {
    --prediction_run_;
    predictions = last_predictions_;
    return true;
  }
  const std::uint32_t symbol = books_.endpoint_predictions.decode(bits);
  if (symbol > kRepeatPredictions) return broken("bits that are no code of a prediction");
  if (symbol == kRepeatPredictions) {
    if (!read_chunks(bits, 4, prediction_run_)) return false;
    prediction_run_ += kLeastPredictionRun - 1;
  } else {
    last_predictions_ = symbol;
  }
  predictions = last_predictions_;
  return true;
}

/// An endpoint by its difference to the last one used.
bool SliceDecoder::next_endpoint(BitReader& bits, std::uint32_t& endpoint) {
  const auto count = static_cast<std::uint32_t>(books_.endpoints.size());
  endpoint += books_.endpoint_deltas.decode(bits);
  if (endpoint >= count) endpoint -= count;
  return endpoint < count || broken("a code leads to no entry of the endpoint codebook");
}

bool SliceDecoder::next_selectors(BitReader& bits, std::uint16_t& selectors) {
  const auto count = static_cast<std::uint32_t>(books_.selectors.size());
  std::uint32_t symbol = count;
  if (selector_run_ != 0) {
    --selector_run_;
  } else {
    symbol = books_.selector_codes.decode(bits);
    if (symbol == count + history_.size()) {
      if (!read_selector_run(bits)) return false;
      symbol = count;
    }
  }
  if (symbol < count) {
    selectors = static_cast<std::uint16_t>(symbol);
    history_.add(selectors);
    return true;
  }
  if (symbol - count >= history_.size())
    return broken("a code leads past selector codebook and history");
  selectors = history_.use(symbol - count);
  return true;
}

/// How often the front of the history comes after this time.
bool SliceDecoder::read_selector_run(BitReader& bits) {
  std::uint32_t run = books_.selector_runs.decode(bits);
  if (run > kLongSelectorRun) return broken("bits that are no code of a run of selectors");
  if (run == kLongSelectorRun && !read_chunks(bits, 7, run)) return false;
  selector_run_ = run + kLeastSelectorRun - 1;
  return true;
}

/// A number in chunks of `chunk_bits`, the lowest first; a bit above each tells of another.
bool SliceDecoder::read_chunks(BitReader& bits, std::uint32_t chunk_bits, std::uint32_t& value) {
  value = 0;
  for (std::uint32_t shift = 0; shift < 32; shift += chunk_bits) {
    const std::uint32_t chunk = bits.read(chunk_bits + 1);
    value |= (chunk & ((1u << chunk_bits) - 1)) << shift;
    if (chunk >> chunk_bits == 0) return true;
  }
  return broken("the length of a run passes 32 bits");
}

}  // namespace forge3d::basis
