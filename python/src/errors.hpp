// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// How Result<T> becomes a Python exception.

#include <nanobind/nanobind.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "forge3d/result.hpp"

namespace forge3d::python {

namespace nb = nanobind;

/// An Error on its way to Python. Holds no Python object: may be thrown without the GIL.
class ErrorException : public std::exception {
 public:
  /// `code_name` is the exception's .code; `missing_file` makes an io error a FileNotFoundError.
  ErrorException(Error error, std::string_view code_name, bool missing_file = false)
      : error_(std::move(error)), code_name_(code_name), missing_file_(missing_file) {}
  explicit ErrorException(Error error)
      : error_(std::move(error)), code_name_(to_string(error_.code)) {}

  [[nodiscard]] const char* what() const noexcept override { return error_.message.c_str(); }
  [[nodiscard]] const Error& error() const { return error_; }
  [[nodiscard]] std::string_view code_name() const { return code_name_; }
  [[nodiscard]] bool missing_file() const { return missing_file_; }

 private:
  Error error_;
  std::string_view code_name_;  // a literal
  bool missing_file_ = false;
};

/// Throws forge3d.InvalidArgument (a ValueError).
[[noreturn]] void throw_invalid(std::string message);
/// Throws forge3d.Closed.
[[noreturn]] void throw_closed(std::string message);
/// Throws a TypeError.
[[noreturn]] void throw_type_error(const std::string& message);
/// Throws an error that came from reading or writing `path`.
[[noreturn]] void throw_for_file(Error error, const std::string& path);

/// The value of a Result, or its error thrown.
template <class T>
[[nodiscard]] T value(Result<T>&& result) {
  if (!result) throw ErrorException(std::move(result).error());
  return *std::move(result);
}

/// The same for an error that came from reading or writing `path`.
template <class T>
[[nodiscard]] T file_value(Result<T>&& result, const std::string& path) {
  if (!result) throw_for_file(std::move(result).error(), path);
  return *std::move(result);
}

/// Throws the error of a Result that has one.
inline void check(Result<>&& result) {
  if (!result) throw ErrorException(std::move(result).error());
}

/// The Python exception of an error, for those that are handed over and not raised.
[[nodiscard]] nb::object to_exception(const Error& error);

void bind_errors(nb::module_& module);

}  // namespace forge3d::python
