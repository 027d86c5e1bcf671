// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "tile_function.hpp"

#include <utility>

#include "errors.hpp"
#include "life.hpp"
#include "tiles.hpp"

namespace forge3d::python {
namespace {

thread_local int tile_functions = 0;  // nested calls of this thread

struct InsideTileFunction {
  InsideTileFunction() { ++tile_functions; }
  ~InsideTileFunction() { --tile_functions; }
};

/// "ValueError: no such tile", without the traceback. Raises nothing itself.
std::string first_words(const nb::python_error& error) {
  std::string text = reinterpret_cast<const PyTypeObject*>(error.type().ptr())->tp_name;
  const nb::object words = nb::steal(PyObject_Str(error.value().ptr()));
  const char* const utf8 = words ? PyUnicode_AsUTF8(words.ptr()) : nullptr;
  PyErr_Clear();
  return utf8 != nullptr ? text + ": " + utf8 : text;
}

}  // namespace

bool inside_tile_function() { return tile_functions > 0; }

TileFunction::TileFunction(nb::object function, std::string name)
    : function_(nullptr), fork_count_(fork_count()), name_(std::move(name)) {
  if (PyCallable_Check(function.ptr()) == 0)
    throw_type_error("function must be callable as function(level, x, y)");
  function_ = function.release().ptr();
}

TileFunction::~TileFunction() {
  // In a forked child, and when the interpreter has ended, the reference is left alone.
  if (fork_count_ != fork_count() || !nb::is_alive() || Py_IsInitialized() == 0) return;
  const nb::gil_scoped_acquire gil;
  Py_DECREF(function_);
}

Result<> TileFunction::call(TileAddress address,
                            const std::function<Result<>(nb::handle returned)>& use) const {
  const nb::gil_scoped_acquire gil;
  const InsideTileFunction inside;
  try {
    const nb::object returned = nb::handle(function_)(address.level, address.x, address.y);
    return use(returned);
  } catch (nb::python_error& error) {
    return fail(ErrorCode::kIo, name_ + " raised " + first_words(error));
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInvalidArgument, name_ + " returned what is no tile: " + error.what());
  }
}

}  // namespace forge3d::python
