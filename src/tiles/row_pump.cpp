// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/row_pump.hpp"

#include <algorithm>
#include <utility>

#include "tiles/guard_memory.hpp"

namespace forge3d::tiles {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{1} << 20;
constexpr std::size_t kBatches = 8;

}  // namespace

RowPump::RowPump(RowReader& reader)
    : reader_(reader), info_(reader.info()), free_(kBatches), thread_([this] { read_ahead(); }) {}

RowPump::~RowPump() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<> RowPump::read_batch(std::uint32_t rows, Batch& batch) {
  const std::size_t row_bytes = info_.row_bytes();
  batch.resize(rows * row_bytes);
  for (std::uint32_t y = 0; y < rows; ++y)
    FORGE3D_TRY(reader_.read_row(std::span(batch).subspan(y * row_bytes, row_bytes)));
  return {};
}

void RowPump::read_ahead() {
  const auto rows_a_batch = static_cast<std::uint32_t>(
      std::clamp<std::size_t>(kBatchBytes / info_.row_bytes(), 1, info_.height));
  Result<> read;
  std::unique_lock lock(mutex_);
  for (std::uint32_t y = 0; y < info_.height && read;) {
    changed_.wait(lock, [this] { return stopping_ || !free_.empty(); });
    if (stopping_) return;
    Batch batch = std::move(free_.back());
    free_.pop_back();
    lock.unlock();
    const std::uint32_t rows = std::min(rows_a_batch, info_.height - y);
    read = guard_memory("no memory to read rows ahead", [&] { return read_batch(rows, batch); });
    y += rows;
    lock.lock();
    if (read) full_.push_back(std::move(batch));
    changed_.notify_all();
  }
  end_ = std::move(read);
  done_ = true;
  changed_.notify_all();
}

Result<std::span<const std::byte>> RowPump::next() {
  std::unique_lock lock(mutex_);
  if (!current_.empty()) {
    free_.push_back(std::move(current_));
    current_ = {};
    changed_.notify_all();
  }
  changed_.wait(lock, [this] { return done_ || !full_.empty(); });
  if (full_.empty()) {
    FORGE3D_TRY(Result<>(end_));
    return std::span<const std::byte>();
  }
  current_ = std::move(full_.front());
  full_.pop_front();
  return std::span<const std::byte>(current_);
}

}  // namespace forge3d::tiles
