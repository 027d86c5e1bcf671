// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/writer_team.hpp"

#include "core/thread_clock.hpp"

namespace forge3d {
namespace {

// How long a helper looks for news before it sleeps: about what waking it up costs.
constexpr std::uint64_t kPatienceNs = 20'000;

}  // namespace

WriterTeam::~WriterTeam() {
  stopping_.store(true);
  news_.fetch_add(1);
  news_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WriterTeam::start() {
  while (threads_.size() < helpers_) threads_.emplace_back([this] { serve(); });
}

bool WriterTeam::Portion::help() {
  if (next_.load(std::memory_order_relaxed) >= slices_) return false;
  const std::uint32_t slice = next_.fetch_add(1, std::memory_order_relaxed);
  if (slice >= slices_) return false;
  run_(slice);
  left_.fetch_sub(1, std::memory_order_acq_rel);
  return true;
}

// Follows the session's portions, from its first one on, until there was none for a while.
void WriterTeam::work_off() {
  Portion* portion = nullptr;
  std::uint64_t idle_since = 0;
  while (open_.load(std::memory_order_acquire)) {
    if (portion != nullptr && portion->help()) {
      idle_since = 0;
      continue;
    }
    Portion* next = portion == nullptr ? first_.load(std::memory_order_acquire)
                                       : portion->following_.load(std::memory_order_acquire);
    if (next != nullptr) {
      portion = next;
      continue;
    }
    const std::uint64_t now = monotonic_ns();
    if (idle_since == 0) idle_since = now;
    if (now - idle_since > kPatienceNs) return;
    cpu_pause();
  }
}

// A helper touches portions only between inside_ + 1 and - 1, and only while the session is open;
// its end closes it and waits until nobody is inside.
void WriterTeam::serve() {
  std::uint64_t counted = thread_cpu_ns();
  while (!stopping_.load()) {
    const std::uint32_t seen = news_.load();
    inside_.fetch_add(1);
    work_off();
    inside_.fetch_sub(1);
    const std::uint64_t now = thread_cpu_ns();
    cpu_ns_.fetch_add(now - counted, std::memory_order_relaxed);
    counted = now;
    sleepers_.fetch_add(1);
    news_.wait(seen);
    sleepers_.fetch_sub(1);
  }
}

void WriterTeam::wake() {
  news_.fetch_add(1);
  if (sleepers_.load() > 0) news_.notify_all();
}

WriterTeam::Session::Session(WriterTeam& team)
    : team_(team), owns_team_(team.helpers_ > 0 && team.session_.try_lock()) {
  if (!owns_team_) return;
  team_.start();
  team_.open_.store(true);
  team_.wake();
}

WriterTeam::Session::~Session() {
  if (!owns_team_) return;
  team_.open_.store(false);
  while (team_.inside_.load() != 0) cpu_pause();
  team_.first_.store(nullptr);
  team_.session_.unlock();
}

WriterTeam::Portion& WriterTeam::Session::post(std::uint32_t slices,
                                               std::function<void(std::uint32_t)> run) {
  portions_.push_back(std::make_unique<Portion>(slices, std::move(run)));
  Portion& portion = *portions_.back();
  if (!owns_team_) return portion;
  if (portions_.size() == 1)
    team_.first_.store(&portion);
  else
    portions_[portions_.size() - 2]->following_.store(&portion, std::memory_order_release);
  team_.wake();
  return portion;
}

void WriterTeam::run(std::uint32_t slices, std::function<void(std::uint32_t)> run) {
  Session session(*this);
  Portion& portion = session.post(slices, std::move(run));
  while (portion.help()) {
  }
  while (!portion.done()) cpu_pause();
}

}  // namespace forge3d
