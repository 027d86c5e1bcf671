// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "camera_views.hpp"

#include <nanobind/stl/string.h>

#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "errors.hpp"

namespace forge3d::python {
namespace {

constexpr double kFovY = 1.0471975511965976;
constexpr double kDown = 1.5707963267948966;

double number(nb::handle value, const char* name) {
  const double result = PyFloat_AsDouble(value.ptr());
  if (result == -1.0 && PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    throw_type_error(std::string(name) + " must hold numbers");
  }
  if (!std::isfinite(result)) throw_invalid(std::string(name) + " must hold finite numbers");
  return result;
}

std::array<double, 3> position_of(nb::handle value, const char* name) {
  const nb::object items = nb::steal(PySequence_Fast(value.ptr(), ""));
  if (!items) {
    PyErr_Clear();
    throw_type_error(std::string(name) +
                     " must be a position (x, y, z) or a forge3d.streaming.Camera");
  }
  if (PySequence_Fast_GET_SIZE(items.ptr()) != 3)
    throw_invalid(std::string(name) + " must have three numbers: x, y, z");
  PyObject** const item = PySequence_Fast_ITEMS(items.ptr());
  return {number(item[0], name), number(item[1], name), number(item[2], name)};
}

template <class T>
void read_strided(const Py_buffer& buffer, Matrix4& out) {
  const auto* const base = static_cast<const char*>(buffer.buf);
  for (Py_ssize_t row = 0; row < 4; ++row)
    for (Py_ssize_t column = 0; column < 4; ++column) {
      const Py_ssize_t offset = buffer.ndim == 2
                                    ? row * buffer.strides[0] + column * buffer.strides[1]
                                    : (row * 4 + column) * buffer.strides[0];
      T element;
      std::memcpy(&element, base + offset, sizeof(T));
      out[static_cast<std::size_t>(row * 4 + column)] = static_cast<double>(element);
    }
}

/// Arrays of floats with any strides, so that a transposed matrix needs no copy.
bool read_buffer(nb::handle value, Matrix4& out) {
  if (PyObject_CheckBuffer(value.ptr()) == 0) return false;
  Py_buffer buffer{};
  if (PyObject_GetBuffer(value.ptr(), &buffer, PyBUF_STRIDED_RO | PyBUF_FORMAT) != 0) {
    PyErr_Clear();
    return false;
  }
  const bool square = buffer.ndim == 2 && buffer.shape[0] == 4 && buffer.shape[1] == 4;
  const bool flat = buffer.ndim == 1 && buffer.shape[0] == 16;
  const std::string_view format = buffer.format != nullptr ? buffer.format : "";
  const bool readable = (square || flat) && (format == "d" || format == "f");
  if (readable)
    format == "d" ? read_strided<double>(buffer, out) : read_strided<float>(buffer, out);
  PyBuffer_Release(&buffer);
  return readable;
}

[[noreturn]] void throw_no_matrix(const char* name) {
  throw_invalid(std::string(name) + " must be a 4 x 4 matrix of numbers");
}

/// Anything else that has four rows of four numbers, or sixteen.
void read_sequence(nb::handle value, const char* name, Matrix4& out) {
  const nb::object rows = nb::steal(PySequence_Fast(value.ptr(), ""));
  if (!rows) {
    PyErr_Clear();
    throw_type_error(std::string(name) + " must be a 4 x 4 matrix of numbers");
  }
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(rows.ptr());
  if (count != 4 && count != 16) throw_no_matrix(name);
  for (Py_ssize_t i = 0; i < count; ++i) {
    const nb::handle item = PySequence_Fast_GET_ITEM(rows.ptr(), i);
    const auto index = static_cast<std::size_t>(i);
    if (count == 16) {
      out[index] = number(item, name);
      continue;
    }
    const nb::object row = nb::steal(PySequence_Fast(item.ptr(), ""));
    if (!row) PyErr_Clear();
    if (!row || PySequence_Fast_GET_SIZE(row.ptr()) != 4) throw_no_matrix(name);
    for (Py_ssize_t j = 0; j < 4; ++j)
      out[index * 4 + static_cast<std::size_t>(j)] =
          number(PySequence_Fast_GET_ITEM(row.ptr(), j), name);
  }
}

std::optional<Matrix4> matrix_of(nb::handle value, const char* name) {
  if (value.is_none()) return std::nullopt;
  Matrix4 matrix{};
  if (!read_buffer(value, matrix)) read_sequence(value, name, matrix);
  for (const double element : matrix) {
    if (!std::isfinite(element)) throw_invalid(std::string(name) + " must hold finite numbers");
  }
  return matrix;
}

Matrix4 product(const Matrix4& a, const Matrix4& b) {
  Matrix4 result{};
  for (std::size_t row = 0; row < 4; ++row)
    for (std::size_t column = 0; column < 4; ++column)
      for (std::size_t k = 0; k < 4; ++k)
        result[row * 4 + column] += a[row * 4 + k] * b[k * 4 + column];
  return result;
}

/// Clip space as the caller's API has it to Vulkan's.
void to_vulkan(std::array<double, 16>& columns, ClipSpace space) {
  if (space == ClipSpace::kVulkan) return;
  for (std::size_t column = 0; column < 4; ++column) {
    double* const c = &columns[column * 4];
    c[1] = -c[1];
    if (space == ClipSpace::kOpenGl) c[2] = (c[2] + c[3]) / 2;
  }
}

std::string describe(const Camera& camera) {
  return "Camera(x=" + std::to_string(camera.x) + ", y=" + std::to_string(camera.y) +
         ", height=" + std::to_string(camera.height) + ", yaw=" + std::to_string(camera.yaw) +
         ", pitch=" + std::to_string(camera.pitch) + ", fov_y=" + std::to_string(camera.fov_y) +
         ")";
}

}  // namespace

ClipSpace clip_space_argument(std::string_view name) {
  for (const ClipSpace space : {ClipSpace::kOpenGl, ClipSpace::kWgpu, ClipSpace::kVulkan}) {
    if (name == to_string(space)) return space;
  }
  throw_invalid("clip_space must be 'opengl', 'wgpu' or 'vulkan', not '" + std::string(name) + "'");
}

const char* to_string(ClipSpace space) {
  return space == ClipSpace::kOpenGl ? "opengl" : space == ClipSpace::kWgpu ? "wgpu" : "vulkan";
}

CameraInput::CameraInput(nb::handle camera, nb::handle view_matrix, nb::handle projection_matrix)
    : view_(matrix_of(view_matrix, "view_matrix")),
      projection_(matrix_of(projection_matrix, "projection_matrix")) {
  const Camera* given = nullptr;
  if (nb::isinstance<Camera>(camera)) {
    given = &nb::cast<const Camera&>(camera);
    if (view_ || projection_) throw_invalid("a Camera has matrices of its own; give a position");
    camera_ = *given;
    return;
  }
  position_ = position_of(camera, "camera_position");
  if (view_ || projection_) return;
  if (!(position_[2] > 0))
    throw_invalid("camera_position: z is " + std::to_string(position_[2]) +
                  "; without matrices the camera looks down from above the plane z = 0");
  camera_ = Camera{.x = position_[0],
                   .y = position_[1],
                   .height = position_[2],
                   .yaw = kDown,
                   .pitch = kDown,
                   .fov_y = kFovY};
}

Matrix4 CameraInput::projection(double aspect, ClipSpace space) const {
  if (projection_) return *projection_;
  const double scale = 1 / std::tan(kFovY / 2);
  const double near_plane = std::max(std::abs(position_[2]), 1e-3) / 1000;
  const double y = space == ClipSpace::kVulkan ? -scale : scale;
  const double depth = space == ClipSpace::kOpenGl ? -2 * near_plane : -near_plane;
  return {scale / aspect, 0, 0, 0, 0, y, 0, 0, 0, 0, -1, depth, 0, 0, -1, 0};
}

Matrix4 CameraInput::clip_from_world(double aspect, ClipSpace space) const {
  const Matrix4 looking_down = {1, 0, 0, -position_[0], 0, 1, 0, -position_[1],
                                0, 0, 1, -position_[2], 0, 0, 0, 1};
  return product(projection(aspect, space), view_.value_or(looking_down));
}

Result<VirtualView> CameraInput::view_of(const TilePyramid& pyramid, std::uint32_t width,
                                         std::uint32_t height, ClipSpace space) const {
  VirtualView view;
  view.width = width;
  view.height = height;
  const double aspect = double(width) / height;
  if (camera_) {
    FORGE3D_TRY_ASSIGN(view.clip_from_uv,
                       clip_from_uv(*camera_, pyramid.width, pyramid.height, aspect));
    return view;
  }
  const Matrix4 clip = clip_from_world(aspect, space);
  for (std::size_t row = 0; row < 4; ++row) {
    const double* const m = &clip[row * 4];
    view.clip_from_uv[row] = m[0] * pyramid.width;
    view.clip_from_uv[4 + row] = -m[1] * pyramid.height;
    view.clip_from_uv[8 + row] = m[2];
    view.clip_from_uv[12 + row] = m[1] * pyramid.height + m[3];
  }
  to_vulkan(view.clip_from_uv, space);
  return view;
}

void bind_camera(nb::module_& module) {
  nb::class_<Camera>(module, "Camera",
                     R"(A camera above the plane z = 0, in texels of level 0.

The world is right-handed with z up; a texture of width x height texels covers 0..width in x and
0..height in y, its first row at y = height. yaw 0 looks along +x, counter-clockwise from above;
pitch is radians below the horizon, 0..pi/2; fov_y the vertical field of view in radians.)")
      .def(
          "__init__",
          [](Camera* self, double x, double y, double height, double yaw, double pitch,
             double fov_y) {
            const Camera camera{x, y, height, yaw, pitch, fov_y};
            check(check_camera(camera));
            new (self) Camera(camera);
          },
          nb::arg("x") = 0.0, nb::arg("y") = 0.0, nb::arg("height") = 1000.0, nb::arg("yaw") = 0.0,
          nb::arg("pitch") = 0.7, nb::arg("fov_y") = kFovY,
          "Raises InvalidArgument that names the field and its range.")
      .def_ro("x", &Camera::x, "World position.")
      .def_ro("y", &Camera::y, "World position.")
      .def_ro("height", &Camera::height, "Above the plane.")
      .def_ro("yaw", &Camera::yaw, "Radians.")
      .def_ro("pitch", &Camera::pitch, "Radians below the horizon.")
      .def_ro("fov_y", &Camera::fov_y, "Radians.")
      .def("__repr__", describe, "Its fields.");
}

}  // namespace forge3d::python
