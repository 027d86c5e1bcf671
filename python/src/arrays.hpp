// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Bytes of Python objects for the library, and memory of the library as NumPy arrays; no copies.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace forge3d::python {

namespace nb = nanobind;

/// The bytes of a C-contiguous buffer (NumPy, bytes, bytearray, memoryview, array, DLPack on the
/// CPU), held for the life of this object: the exporter cannot resize it meanwhile. Made and ended
/// with the GIL; bytes() needs none.
class ReadBytes {
 public:
  /// `name` is the argument's, for messages. Throws TypeError (no buffer, or Python objects in
  /// it), InvalidArgument (not contiguous).
  ReadBytes(nb::handle object, const char* name);
  ReadBytes(const ReadBytes&) = delete;
  ReadBytes& operator=(const ReadBytes&) = delete;
  ~ReadBytes();
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  void take_dlpack(nb::handle object, const char* name);
  Py_buffer view_{};
  bool has_view_ = false;
  nb::ndarray<nb::ro> array_;
  std::span<const std::byte> bytes_;
};

/// As ReadBytes for a destination. Throws InvalidArgument, too, when it is read-only.
class WriteBytes {
 public:
  WriteBytes(nb::handle object, const char* name);
  WriteBytes(const WriteBytes&) = delete;
  WriteBytes& operator=(const WriteBytes&) = delete;
  ~WriteBytes();
  [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }

 private:
  Py_buffer view_{};
  std::span<std::byte> bytes_;
};

/// A NumPy array over memory that `owner` keeps valid for as long as the array or a view of it
/// lives. C order; `dtype` as nb::dtype<float>().
[[nodiscard]] nb::object array_over(std::shared_ptr<const void> owner, void* data,
                                    const std::vector<std::size_t>& shape, nb::dlpack::dtype dtype,
                                    bool writable);
/// The same for plain bytes: one dimension of uint8.
[[nodiscard]] nb::object array_over(std::shared_ptr<const void> owner, std::span<std::byte> bytes,
                                    bool writable);

/// An uninitialised NumPy array of uint8 that Python owns.
[[nodiscard]] nb::object new_array(std::size_t size_bytes);

/// Lets go of something of the library without the GIL; in a forked child it is never destroyed.
void drop_shared(std::shared_ptr<const void> value, unsigned made_at_fork);

}  // namespace forge3d::python
