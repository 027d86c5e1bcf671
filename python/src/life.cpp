// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "life.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace forge3d::python {
namespace {

std::atomic<unsigned> forks{0};
Live* newest = nullptr;  // guarded by the GIL

std::atomic<std::int64_t> calls{0};
// Guarded by the GIL. No new objects; then, no call gives the GIL away any more.
bool closing = false, ending = false;

// Calls of daemon threads end soon, as what they use is closed.
void wait_for_calls() {
  constexpr std::chrono::seconds kPatience{10};
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  // Seen with the GIL held, a count of zero stays.
  while (calls > 0 && std::chrono::steady_clock::now() < deadline) {
    const nb::gil_scoped_release release;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

void at_exit() {
  closing = true;
  Live::close_all();
  deliver_log_lines();
  stop_logging();
  wait_for_calls();
  ending = true;
}

void after_fork_in_child() {
  ++forks;
  calls = 0;  // the other threads are the parent's
  reset_logging_after_fork();
}

}  // namespace

unsigned fork_count() { return forks.load(std::memory_order_relaxed); }

CallInFlight::CallInFlight() { ++calls; }
CallInFlight::~CallInFlight() { --calls; }

ReleasedGil::ReleasedGil() {
  if (!ending) state_ = PyEval_SaveThread();
}
ReleasedGil::~ReleasedGil() {
  if (state_ != nullptr) PyEval_RestoreThread(state_);
}

Live::Live(const char* kind) : kind_(kind), fork_count_(fork_count()), next_(newest) {
  if (closing) throw_closed(std::string("no new ") + kind + ": the interpreter is ending");
  if (next_ != nullptr) next_->previous_ = this;
  newest = this;
}

Live::~Live() {
  if (previous_ != nullptr) {
    previous_->next_ = next_;
  } else if (newest == this) {
    newest = next_;
  }
  if (next_ != nullptr) next_->previous_ = previous_;
}

void Live::close() {
  if (closed_) return;
  closed_ = true;
  drop();
}

void Live::close_all() {
  // drop() lets other threads run, which may end objects: start again after each.
  for (Live* object = newest; object != nullptr;) {
    if (object->closed_) {
      object = object->next_;
      continue;
    }
    object->close();
    object = newest;
  }
}

void Live::throw_not_open() const {
  if (is_foreign()) {
    throw_closed(std::string("this ") + kind_ +
                 " belongs to the parent of this forked process; make a new one here, from a new "
                 "device (or use multiprocessing's \"spawn\")");
  }
  throw_closed(std::string("this ") + kind_ + " is closed");
}

void bind_life_hooks(nb::module_&) {
  nb::module_::import_("atexit").attr("register")(nb::cpp_function(at_exit));
  nb::module_::import_("os").attr("register_at_fork")(nb::arg("after_in_child") =
                                                          nb::cpp_function(after_fork_in_child));
}

}  // namespace forge3d::python
