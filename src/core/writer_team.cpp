// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/writer_team.hpp"

#include "core/thread_clock.hpp"

namespace forge3d {
namespace {

// How long a helper looks for news before it sleeps: less than what waking it up costs.
constexpr std::uint64_t kPatienceNs = 1'000;

}  // namespace

WriterTeam::~WriterTeam() {
  stopping_.store(true);
  for (const auto& helper : team_) {
    helper->bell.fetch_add(1);
    helper->bell.notify_one();
  }
  for (const auto& helper : team_) helper->thread.join();
}

void WriterTeam::start() {
  for (std::uint32_t i = static_cast<std::uint32_t>(team_.size()); i < helpers_; ++i)
    team_.push_back(std::make_unique<Helper>());
  for (std::uint32_t i = 0; i < helpers_; ++i)
    if (!team_[i]->thread.joinable()) team_[i]->thread = std::thread([this, i] { serve(i); });
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

// A helper touches portions only between inside_ + 1 and - 1, and only while a session wants it;
// the session's end wants nobody and waits until nobody is inside.
void WriterTeam::serve(std::uint32_t index) {
  Helper& self = *team_[index];
  std::uint64_t counted = thread_cpu_ns();
  while (!stopping_.load()) {
    const std::uint32_t heard = self.bell.load();
    inside_.fetch_add(1);
    work_off();
    inside_.fetch_sub(1);
    const std::uint64_t now = thread_cpu_ns();
    cpu_ns_.fetch_add(now - counted, std::memory_order_relaxed);
    counted = now;
    self.asleep.store(true);
    self.bell.wait(heard);
    self.asleep.store(false);
  }
}

// A helper that is about to sleep hears the bell all the same: it compares with what it heard last.
void WriterTeam::wake_all() {
  for (std::uint32_t i = 0; i < helpers_; ++i) {
    team_[i]->bell.fetch_add(1);
    if (team_[i]->asleep.exchange(false)) team_[i]->bell.notify_one();
  }
}

void WriterTeam::wake_one() {
  for (std::uint32_t i = 0; i < helpers_; ++i) {
    if (!team_[i]->asleep.exchange(false)) continue;
    team_[i]->bell.fetch_add(1);
    team_[i]->bell.notify_one();
    return;
  }
}

WriterTeam::Session::Session(WriterTeam& team)
    : team_(team), owns_team_(team.helpers_ > 0 && team.session_.try_lock()) {
  if (!owns_team_) return;
  team_.start();
  team_.open_.store(true);
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
  if (portions_.size() == 1) {
    team_.first_.store(&portion);
    team_.wake_all();
    return portion;
  }
  Portion& before = *portions_[portions_.size() - 2];
  before.following_.store(&portion, std::memory_order_release);
  if (!before.all_begun()) team_.wake_one();
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
