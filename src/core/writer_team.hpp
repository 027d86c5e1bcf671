// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// WriterTeam: threads that help one caller at a time with work that arrives in portions.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace forge3d {

/// Threads that sleep until a Session opens. The caller posts portions of equal slices while the
/// helpers take slices from those posted before; it helps, too, and learns when a portion is done.
/// Made for portions of some hundred microseconds: helpers poll for some microseconds before they
/// sleep. The first portion wakes all of them, a later one wakes one more while the one before it
/// still has slices to begin: as many stay awake as there is work for.
class WriterTeam {
 public:
  /// `helpers` threads are started at the first session. 0: the caller does everything.
  explicit WriterTeam(std::uint32_t helpers) : helpers_(helpers) {}
  ~WriterTeam();
  WriterTeam(const WriterTeam&) = delete;
  WriterTeam& operator=(const WriterTeam&) = delete;
  [[nodiscard]] std::uint32_t helpers() const { return helpers_; }
  /// Processor time of the helpers so far.
  [[nodiscard]] std::uint64_t cpu_ns() const { return cpu_ns_.load(std::memory_order_relaxed); }

  /// Some work cut into slices. `run(i)` is called once for each, on any thread.
  class Portion {
   public:
    /// REQUIRES: slices > 0.
    Portion(std::uint32_t slices, std::function<void(std::uint32_t)> run)
        : run_(std::move(run)), slices_(slices), left_(slices) {}
    [[nodiscard]] bool all_begun() const { return next_.load() >= slices_; }
    [[nodiscard]] bool done() const { return left_.load(std::memory_order_acquire) == 0; }
    /// Runs one slice here. False: none is left to begin.
    bool help();

   private:
    friend class WriterTeam;
    std::function<void(std::uint32_t)> run_;
    std::uint32_t slices_;
    std::atomic<std::uint32_t> next_{0}, left_;
    std::atomic<Portion*> following_{nullptr};
  };

  /// One caller's work. While another caller's session is open the team is busy and this one's
  /// portions are done by its caller alone. Not thread-safe; the team outlives it.
  class Session {
   public:
    explicit Session(WriterTeam& team);
    ~Session();  ///< REQUIRES: all portions are done.
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    Portion& post(std::uint32_t slices, std::function<void(std::uint32_t)> run);

   private:
    WriterTeam& team_;
    bool owns_team_;
    std::vector<std::unique_ptr<Portion>> portions_;
  };

  /// Runs `run(0) ... run(slices - 1)` on the team and returns when all are done.
  void run(std::uint32_t slices, std::function<void(std::uint32_t)> run);

 private:
  struct alignas(64) Helper {
    std::atomic<std::uint32_t> bell{0};  // rises to wake it
    std::atomic<bool> asleep{false};
    std::thread thread;
  };
  void start();
  void serve(std::uint32_t index);
  void work_off();
  void wake_all();
  void wake_one();

  std::uint32_t helpers_;
  std::vector<std::unique_ptr<Helper>> team_;
  std::mutex session_;                    // held by the Session that owns the team
  std::atomic<bool> open_{false};         // a session is
  std::atomic<Portion*> first_{nullptr};  // of the open session
  std::atomic<std::uint32_t> inside_{0};  // helpers that may touch portions
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> cpu_ns_{0};
};

}  // namespace forge3d
