// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "errors.hpp"

#include <filesystem>
#include <system_error>

namespace forge3d::python {
namespace {

nb::object& make_function() {
  static auto* function = new nb::object();  // lives as long as the interpreter
  return *function;
}

nb::object make(const ErrorException& exception) {
  const Error& error = exception.error();
  nb::list reasons;
  for (const std::string& reason : error.reasons) reasons.append(reason.c_str());
  nb::dict detail;
  detail["message"] = error.message.c_str();
  detail["reasons"] = reasons;
  detail["vk_result"] = error.vk_result;
  std::string text = error.message;
  for (const std::string& reason : error.reasons) text += "; " + reason;
  const std::string code(exception.code_name());
  return make_function()(code.c_str(), text.c_str(), detail, exception.missing_file());
}

void translate(const std::exception_ptr& pointer, void*) {
  try {
    std::rethrow_exception(pointer);
  } catch (const ErrorException& exception) {
    const nb::object object = make(exception);
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(object.ptr())), object.ptr());
  }
}

}  // namespace

void throw_invalid(std::string message) {
  throw ErrorException(Error{ErrorCode::kInvalidArgument, 0, std::move(message), {}});
}

void throw_closed(std::string message) {
  throw ErrorException(Error{ErrorCode::kInvalidArgument, 0, std::move(message), {}}, "closed");
}

void throw_type_error(const std::string& message) { throw nb::type_error(message.c_str()); }

void throw_for_file(Error error, const std::string& path) {
  std::error_code ignored;
  const bool missing =
      error.code == ErrorCode::kIo && !std::filesystem::exists(path, ignored) && !ignored;
  const std::string_view name = to_string(error.code);
  throw ErrorException(std::move(error), name, missing);
}

nb::object to_exception(const Error& error) { return make(ErrorException(error)); }

void bind_errors(nb::module_&) {
  make_function() = nb::module_::import_("forge3d._errors").attr("make");
  nb::register_exception_translator(translate);
}

}  // namespace forge3d::python
