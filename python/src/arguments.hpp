// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Numbers of bytes as arguments, with messages that name the argument.

#include <nanobind/nanobind.h>

#include <cstdint>
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

}  // namespace forge3d::python
