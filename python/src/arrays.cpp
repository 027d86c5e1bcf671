// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "arrays.hpp"

#include <cstring>
#include <string>
#include <utility>

#include "errors.hpp"
#include "life.hpp"

namespace forge3d::python {
namespace {

std::string type_of(nb::handle object) { return nb::type_name(object.type()).c_str(); }

[[noreturn]] void throw_not_contiguous(const char* name) {
  throw_invalid(std::string(name) + " is not C-contiguous; pass numpy.ascontiguousarray(" + name +
                ")");
}

// The pointers of Python objects are no data.
void refuse_objects(const Py_buffer& view, const char* name) {
  if (view.format != nullptr && std::strchr(view.format, 'O') != nullptr)
    throw_type_error(std::string(name) +
                     " holds Python objects; convert it to numbers first, e.g. with "
                     "array.astype('float32')");
}

// What PyObject_GetBuffer refused, in words.
[[noreturn]] void throw_refused(nb::handle object, const char* name, bool writable) {
  PyErr_Clear();
  Py_buffer any{};
  if (PyObject_GetBuffer(object.ptr(), &any, PyBUF_FULL_RO) != 0) {
    const nb::python_error cause;
    throw_type_error(std::string(name) + " gives no buffer: " + cause.what());
  }
  const bool read_only = any.readonly != 0;
  const bool contiguous = PyBuffer_IsContiguous(&any, 'C') != 0;
  PyBuffer_Release(&any);
  if (!contiguous) throw_not_contiguous(name);
  if (writable && read_only)
    throw_invalid(std::string(name) + " is read-only and cannot be a destination");
  throw_type_error(std::string(name) + " gives no buffer that can be used");
}

struct ArrayOwner {
  std::shared_ptr<const void> value;
  unsigned fork = fork_count();
};

}  // namespace

ReadBytes::ReadBytes(nb::handle object, const char* name) {
  if (PyObject_CheckBuffer(object.ptr()) == 0) {
    take_dlpack(object, name);
    return;
  }
  if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) != 0)
    throw_refused(object, name, false);
  has_view_ = true;
  try {
    refuse_objects(view_, name);
  } catch (...) {
    PyBuffer_Release(&view_);
    throw;
  }
  bytes_ = {static_cast<const std::byte*>(view_.buf), static_cast<std::size_t>(view_.len)};
}

ReadBytes::~ReadBytes() {
  if (has_view_) PyBuffer_Release(&view_);
}

void ReadBytes::take_dlpack(nb::handle object, const char* name) {
  if (!nb::hasattr(object, "__dlpack__") || !nb::try_cast(object, array_, false))
    throw_type_error(std::string(name) +
                     " must be an array or another object with a buffer (NumPy, bytes, bytearray, "
                     "memoryview, DLPack on the CPU), not " +
                     type_of(object));
  if (array_.device_type() != nb::device::cpu::value)
    throw_type_error(std::string(name) + " is not in CPU memory; copy it there first");
  std::int64_t expected = 1;
  for (std::size_t i = array_.ndim(); i-- > 0;) {
    if (array_.shape(i) > 1 && array_.stride(i) != expected) throw_not_contiguous(name);
    expected *= static_cast<std::int64_t>(array_.shape(i));
  }
  bytes_ = {static_cast<const std::byte*>(array_.data()), array_.nbytes()};
}

WriteBytes::WriteBytes(nb::handle object, const char* name) {
  if (PyObject_CheckBuffer(object.ptr()) == 0)
    throw_type_error(std::string(name) + " must be a writable array or buffer, not " +
                     type_of(object));
  if (PyObject_GetBuffer(object.ptr(), &view_,
                         PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | PyBUF_WRITABLE) != 0)
    throw_refused(object, name, true);
  try {
    refuse_objects(view_, name);
  } catch (...) {
    PyBuffer_Release(&view_);
    throw;
  }
  bytes_ = {static_cast<std::byte*>(view_.buf), static_cast<std::size_t>(view_.len)};
}

WriteBytes::~WriteBytes() { PyBuffer_Release(&view_); }

void drop_shared(std::shared_ptr<const void> value, unsigned made_at_fork) {
  if (made_at_fork != fork_count()) {
    new std::shared_ptr<const void>(std::move(value));
    return;
  }
  if (PyGILState_Check() == 0) {
    value.reset();
    return;
  }
  const CallInFlight call;
  const ReleasedGil release;
  value.reset();
}

nb::object array_over(std::shared_ptr<const void> owner, void* data,
                      const std::vector<std::size_t>& shape, nb::dlpack::dtype dtype,
                      bool writable) {
  const nb::capsule capsule(new ArrayOwner{std::move(owner)}, [](void* pointer) noexcept {
    auto* held = static_cast<ArrayOwner*>(pointer);
    drop_shared(std::move(held->value), held->fork);
    delete held;
  });
  if (writable) {
    nb::ndarray<nb::numpy, nb::c_contig> array(data, shape.size(), shape.data(), capsule, nullptr,
                                               dtype);
    return nb::cast(array, nb::rv_policy::reference);
  }
  nb::ndarray<nb::numpy, nb::ro, nb::c_contig> array(data, shape.size(), shape.data(), capsule,
                                                     nullptr, dtype);
  return nb::cast(array, nb::rv_policy::reference);
}

nb::object array_over(std::shared_ptr<const void> owner, std::span<std::byte> bytes,
                      bool writable) {
  return array_over(std::move(owner), bytes.data(), {bytes.size()}, nb::dtype<std::uint8_t>(),
                    writable);
}

nb::object new_array(std::size_t size_bytes) {
  return nb::module_::import_("numpy").attr("empty")(size_bytes, "uint8");
}

}  // namespace forge3d::python
