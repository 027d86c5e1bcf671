// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every Python object with a life shares: close(), the context manager, use after close, fork
// and interpreter exit.

#include <nanobind/nanobind.h>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "errors.hpp"
#include "logging.hpp"

namespace forge3d::python {

/// A call that is or was without the GIL: the interpreter's end waits for it, as a thread that asks
/// for the GIL of an interpreter that has ended is killed where it stands.
class CallInFlight {
 public:
  CallInFlight();
  CallInFlight(const CallInFlight&) = delete;
  CallInFlight& operator=(const CallInFlight&) = delete;
  ~CallInFlight();
};

/// The GIL given away for the life of this object; kept when the interpreter is ending.
class ReleasedGil {
 public:
  ReleasedGil();
  ReleasedGil(const ReleasedGil&) = delete;
  ReleasedGil& operator=(const ReleasedGil&) = delete;
  ~ReleasedGil();

 private:
  PyThreadState* state_ = nullptr;
};

/// Runs a call of the library without the GIL, then hands over what it logged.
template <class Function>
auto without_gil(Function&& function) {
  const CallInFlight call;
  using Value = std::invoke_result_t<Function>;
  if constexpr (std::is_void_v<Value>) {
    {
      const ReleasedGil release;
      function();
    }
    deliver_log_lines();
  } else {
    std::optional<Value> result;
    {
      const ReleasedGil release;
      result.emplace(function());
    }
    deliver_log_lines();
    return *std::move(result);
  }
}

/// Number of forks between the first process and this one; objects remember theirs.
[[nodiscard]] unsigned fork_count();

/// The base: a list of all objects alive, so that they can be closed when the interpreter ends
/// (before modules go) and left alone in a forked child. All members need the GIL.
class Live {
 public:
  explicit Live(const char* kind);
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  /// Idempotent; may wait for the GPU, without the GIL.
  void close();
  [[nodiscard]] bool is_closed() const { return closed_ || is_foreign(); }
  /// Made by the parent of this forked process: its GPU objects do not exist here.
  [[nodiscard]] bool is_foreign() const { return fork_count_ != fork_count(); }
  /// Throws Closed when it is closed or foreign.
  void require_open() const {
    if (is_closed()) [[unlikely]]
      throw_not_open();
  }
  [[nodiscard]] const char* kind() const { return kind_; }

  /// Closes everything, newest first.
  static void close_all();

 protected:
  /// The derived destructor calls finish() first: drop() is virtual.
  virtual ~Live();
  void finish() { close(); }
  /// Lets go of the library's objects; in a forked child without destroying them.
  virtual void drop() = 0;

 private:
  [[noreturn]] void throw_not_open() const;
  const char* kind_;
  unsigned fork_count_;
  bool closed_ = false;
  Live* previous_ = nullptr;
  Live* next_ = nullptr;
};

/// A live object that is one shared object of the library.
template <class T>
class Owned : public Live {
 public:
  Owned(const char* kind, std::shared_ptr<T> value) : Live(kind), value_(std::move(value)) {}
  ~Owned() override { finish(); }

  /// The object, kept alive by the pointer while a call uses it. Throws Closed.
  [[nodiscard]] std::shared_ptr<T> get() const {
    require_open();
    return value_;
  }

 protected:
  void drop() override {
    auto value = std::move(value_);
    value_.reset();
    if (is_foreign()) {
      new std::shared_ptr<T>(std::move(value));  // never destroyed: it would touch the parent's GPU
    } else if (value != nullptr) {
      without_gil([&] { value.reset(); });
    }
  }

 private:
  std::shared_ptr<T> value_;
};

/// Adds close(), closed and __enter__ to a bound class.
template <class Class>
void bind_close(Class& bound) {
  using T = typename Class::Type;
  bound.def(
      "close", [](T& self) { self.close(); },
      "Gives everything back now. Later use raises forge3d.Closed; closing again is fine.");
  bound.def_prop_ro(
      "closed", [](const T& self) { return self.is_closed(); },
      "True after close(), and in a forked child.");
  bound.def(
      "__enter__",
      [](nb::handle self) {
        nb::cast<T&>(self).require_open();
        return nb::borrow(self);
      },
      nb::sig("def __enter__(self) -> typing_extensions.Self"), "Itself.");
}

/// The same with an __exit__ that closes.
template <class Class>
void bind_life(Class& bound) {
  using T = typename Class::Type;
  bind_close(bound);
  bound.def(
      "__exit__", [](T& self, nb::handle, nb::handle, nb::handle) { self.close(); },
      nb::arg("kind").none(), nb::arg("error").none(), nb::arg("traceback").none(), "Closes.");
}

void bind_life_hooks(nb::module_& module);

}  // namespace forge3d::python
