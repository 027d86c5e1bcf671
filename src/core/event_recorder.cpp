// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/event_recorder.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <thread>

namespace forge3d {
namespace {

template <std::size_t Size>
void store(std::array<char, Size>& into, std::string_view text) {
  std::size_t length = std::min(text.size(), Size - 1);
  // UTF-8: what follows must not continue a character.
  while (length > 0 && length < text.size() &&
         (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
    --length;
  std::copy_n(text.begin(), length, into.begin());
  into[length] = '\0';
}

}  // namespace

struct EventRecorder::Slot {
  std::atomic<bool> busy{false};  // guards the rest
  std::array<char, kMostCategoryChars + 1> category{};
  std::array<char, kMostNameChars + 1> name{};
  std::uint64_t begin_ns = 0, end_ns = 0, thread = 0, number = 0;
  std::uint64_t order = 0;  // from 1 on; 0: empty

  bool try_lock() { return !busy.exchange(true, std::memory_order_acquire); }
  void lock() {
    while (!try_lock()) std::this_thread::yield();
  }
  void unlock() { busy.store(false, std::memory_order_release); }
};

EventRecorder::EventRecorder(std::uint32_t limit) : limit_(limit) {
  if (limit > 0) slots_ = std::make_unique<Slot[]>(limit);
}

EventRecorder::~EventRecorder() = default;

void EventRecorder::add(std::string_view category, std::string_view name, std::uint64_t begin_ns,
                        std::uint64_t end_ns, std::uint64_t number) {
  if (limit_ == 0) return;
  const std::uint64_t order = added_.fetch_add(1, std::memory_order_relaxed) + 1;
  Slot& slot = slots_[order % limit_];
  if (!slot.try_lock()) {
    lost_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (slot.order < order) {
    slot.order = order;
    store(slot.category, category);
    store(slot.name, name);
    slot.begin_ns = begin_ns;
    slot.end_ns = end_ns;
    slot.thread = std::hash<std::thread::id>()(std::this_thread::get_id());
    slot.number = number;
  }
  slot.unlock();
}

std::vector<RecordedEvent> EventRecorder::events() const {
  std::vector<std::pair<std::uint64_t, RecordedEvent>> found;
  found.reserve(std::min<std::uint64_t>(added_.load(std::memory_order_relaxed), limit_));
  for (std::uint32_t i = 0; i < limit_; ++i) {
    Slot copy_of;
    Slot& slot = slots_[i];
    slot.lock();
    copy_of.category = slot.category;
    copy_of.name = slot.name;
    copy_of.begin_ns = slot.begin_ns;
    copy_of.end_ns = slot.end_ns;
    copy_of.thread = slot.thread;
    copy_of.number = slot.number;
    copy_of.order = slot.order;
    slot.unlock();
    if (copy_of.order == 0) continue;
    found.push_back({copy_of.order,
                     {copy_of.category.data(), copy_of.name.data(), copy_of.begin_ns,
                      copy_of.end_ns, copy_of.thread, copy_of.number}});
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<RecordedEvent> events;
  events.reserve(found.size());
  for (auto& [order, event] : found) events.push_back(std::move(event));
  return events;
}

std::uint64_t EventRecorder::dropped() const {
  const std::uint64_t added = added_.load(std::memory_order_relaxed);
  return lost_.load(std::memory_order_relaxed) + (added > limit_ ? added - limit_ : 0);
}

}  // namespace forge3d
