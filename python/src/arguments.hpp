// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Numbers and words as arguments, with messages that name the argument.

#include <nanobind/nanobind.h>

#include <cstdint>
#include <optional>
#include <string>

#include "errors.hpp"

namespace forge3d::python {

/// A number of bytes from any Python integer, NumPy's included. Throws InvalidArgument for negative
/// ones and those over 2^63, TypeError for what is no integer.
[[nodiscard]] inline std::uint64_t bytes_argument(nb::handle object, const char* name) {
  if (PyLong_CheckExact(object.ptr())) [[likely]] {
    const long long number = PyLong_AsLongLong(object.ptr());
    if (number >= 0) [[likely]]
      return static_cast<std::uint64_t>(number);
    PyErr_Clear();
  } else {
    const nb::object index = nb::steal(PyNumber_Index(object.ptr()));
    if (!index.is_valid()) {
      PyErr_Clear();
      throw_type_error(std::string(name) + " must be a whole number of bytes, not " +
                       nb::repr(object).c_str());
    }
    if (PyLong_CheckExact(index.ptr())) return bytes_argument(index, name);
  }
  throw_invalid(std::string(name) + " must be 0 to 2^63 - 1 bytes, not " +
                nb::repr(object).c_str());
}

/// An argument of type T. Throws TypeError that says `what` it must be.
template <class T>
[[nodiscard]] T typed_argument(const char* name, nb::handle object, const char* what) {
  T result{};
  if (nb::try_cast(object, result)) return result;
  throw_type_error(std::string(name) + " must be " + what + ", not " + nb::repr(object).c_str());
}

/// A number of threads. Throws InvalidArgument outside 0..1024.
[[nodiscard]] inline std::uint32_t threads_argument(std::int64_t threads) {
  if (threads >= 0 && threads <= 1024) return static_cast<std::uint32_t>(threads);
  throw_invalid("threads must be 1 to 1024, or 0 for one a core, not " + std::to_string(threads));
}

/// What a word stands for. Throws InvalidArgument, with the words that there are, where it is none.
template <class Value>
[[nodiscard]] Value word_argument(const char* name, const std::string& word,
                                  const std::optional<Value>& found, const char* words) {
  if (found) return *found;
  throw_invalid(std::string(name) + " must be " + words + ", not '" + word + "'");
}

}  // namespace forge3d::python
