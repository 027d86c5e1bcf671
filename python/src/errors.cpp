// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "errors.hpp"

#include <filesystem>
#include <system_error>

namespace forge3d::python {
namespace {

/// The classes of forge3d._errors; they live as long as the interpreter.
struct Classes {
  nb::object base, by_code, missing_file;
};

Classes& classes() {
  static auto* found = new Classes();
  return *found;
}

nb::object class_of(const ErrorException& exception) {
  if (exception.missing_file() && exception.error().code == ErrorCode::kIo)
    return classes().missing_file;
  const nb::str code(exception.code_name().data(), exception.code_name().size());
  PyObject* found = PyDict_GetItemWithError(classes().by_code.ptr(), code.ptr());
  if (found == nullptr && PyErr_Occurred() != nullptr) nb::raise_python_error();
  return found != nullptr ? nb::borrow(found) : classes().base;
}

/// Without a line of Python, such as Error.__init__: that could let another thread run, and a
/// daemon thread whose interpreter has ended by then would be killed inside C++ frames.
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
  const nb::object type = class_of(exception);
  const nb::tuple args = nb::make_tuple(text.c_str());
  auto* python_type = reinterpret_cast<PyTypeObject*>(type.ptr());
  nb::object made = nb::steal(python_type->tp_new(python_type, args.ptr(), nullptr));
  if (!made.is_valid()) nb::raise_python_error();
  made.attr("args") = args;
  made.attr("code") = nb::str(exception.code_name().data(), exception.code_name().size());
  made.attr("detail") = detail;
  return made;
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
  const nb::module_ errors = nb::module_::import_("forge3d._errors");
  classes() = {errors.attr("Error"), errors.attr("BY_CODE"), errors.attr("FileNotFound")};
  nb::register_exception_translator(translate);
}

}  // namespace forge3d::python
