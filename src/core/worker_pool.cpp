// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/worker_pool.hpp"

#include <algorithm>
#include <atomic>

namespace forge3d::core {

std::uint32_t resolve_thread_count(std::uint32_t threads) {
  return threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
}

void parallel_for(std::uint32_t threads, std::uint64_t count,
                  const std::function<void(std::uint64_t)>& body) {
  std::atomic<std::uint64_t> next{0};
  auto work = [&] {
    for (std::uint64_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) body(i);
  };
  const std::uint64_t helpers = std::min<std::uint64_t>(resolve_thread_count(threads), count);
  std::vector<std::thread> team;
  for (std::uint64_t i = 1; i < helpers; ++i) team.emplace_back(work);
  work();
  for (std::thread& thread : team) thread.join();
}

WorkerPool::WorkerPool(std::uint32_t threads) {
  const std::uint32_t count = resolve_thread_count(threads);
  threads_.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) threads_.emplace_back([this] { run(); });
}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    tasks_.clear();
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::submit(std::function<void()> task) {
  {
    std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

std::size_t WorkerPool::pending() const {
  std::lock_guard lock(mutex_);
  return tasks_.size() + running_;
}

void WorkerPool::wait_idle() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return tasks_.empty() && running_ == 0; });
}

void WorkerPool::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (stopping_) return;
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    ++running_;
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
    --running_;
    if (tasks_.empty() && running_ == 0) idle_.notify_all();
  }
}

}  // namespace forge3d::core
