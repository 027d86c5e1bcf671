// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "logging.hpp"

#include <nanobind/nanobind.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace forge3d::python {
namespace {

namespace nb = nanobind;

constexpr std::size_t kQueuedLines = 4096;

struct Line {
  LogLevel level;
  std::string text;
};

struct Queue {
  std::mutex mutex;  // never held while the GIL is taken
  std::vector<Line> lines;
  std::uint64_t dropped = 0;
  std::atomic<bool> filled{false};
  std::atomic<bool> stopped{false};
  std::atomic<bool> asked{false};  // a pending call is on its way
};

Queue& queue() {
  static auto* queue = new Queue();  // threads of the library may outlive every static
  return *queue;
}

int python_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return 10;
    case LogLevel::kInfo:
      return 20;
    case LogLevel::kWarning:
      return 30;
    case LogLevel::kError:
      break;
  }
  return 40;
}

int deliver_pending(void*) {
  queue().asked = false;
  deliver_log_lines();
  return 0;
}

void enqueue(LogLevel level, std::string_view text) {
  Queue& target = queue();
  if (target.stopped) return;
  {
    const std::lock_guard lock(target.mutex);
    if (target.lines.size() < kQueuedLines) {
      target.lines.push_back({level, std::string(text)});
    } else {
      ++target.dropped;
    }
  }
  target.filled = true;
  // The main thread delivers soon, should no call of ours end before.
  if (!target.asked.exchange(true) && Py_AddPendingCall(deliver_pending, nullptr) != 0) {
    target.asked = false;
  }
}

void deliver(const std::vector<Line>& lines, std::uint64_t dropped) {
  const nb::object logger = nb::module_::import_("logging").attr("getLogger")("forge3d");
  const nb::object log = logger.attr("log");
  for (const Line& line : lines) {
    const nb::object text = nb::steal(PyUnicode_DecodeUTF8(
        line.text.data(), static_cast<Py_ssize_t>(line.text.size()), "replace"));
    if (!text) nb::raise_python_error();
    log(python_level(line.level), "%s", text);
  }
  if (dropped > 0) log(30, "%d lines of the log were dropped", dropped);
}

}  // namespace

LogCallback log_callback() { return enqueue; }

void deliver_log_lines() {
  Queue& source = queue();
  if (!source.filled.load(std::memory_order_acquire) || source.stopped) return;
  std::vector<Line> lines;
  std::uint64_t dropped = 0;
  {
    const std::lock_guard lock(source.mutex);
    lines.swap(source.lines);
    dropped = std::exchange(source.dropped, 0);
    source.filled = false;
  }
  const nb::error_scope keep_raised;
  try {
    deliver(lines, dropped);
  } catch (nb::python_error& error) {
    error.discard_as_unraisable("delivering log lines of forge3d");
  }
}

void stop_logging() { queue().stopped = true; }

void reset_logging_after_fork() {
  Queue& target = queue();
  new (&target.mutex) std::mutex();
  target.asked = false;
}

}  // namespace forge3d::python
