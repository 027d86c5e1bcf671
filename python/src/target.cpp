// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "target.hpp"

#include <string>

#include "buffer.hpp"
#include "errors.hpp"
#include "pool.hpp"

namespace forge3d::python {

Result<std::uint64_t> Target::size_bytes() const {
  if (buffer != nullptr) return buffer->buffer().size_bytes();
  return pool->lookup(block).map([](const PoolAllocation& at) { return at.size_bytes; });
}

Result<StagingTicket> Target::upload(const std::shared_ptr<StagingRing>& ring,
                                     std::uint64_t offset_bytes, std::span<const std::byte> data,
                                     std::uint64_t timeout_ns) const {
  if (buffer == nullptr) return pool->upload(ring, block, offset_bytes, data, timeout_ns);
  buffer->used_by(ring);
  return ring->upload(region_of(buffer->buffer(), offset_bytes), data, timeout_ns);
}

Result<Readback> Target::readback(
    const std::shared_ptr<StagingRing>& ring, std::uint64_t offset_bytes,
    const std::function<Result<Readback>(const BufferRegion&)>& start) const {
  if (buffer == nullptr) return pool->readback(ring, block, offset_bytes, start);
  buffer->used_by(ring);
  return start(region_of(buffer->buffer(), offset_bytes));
}

std::uint64_t block_id(nb::handle object) {
  nb::handle number = object;
  if (PyDict_Check(object.ptr())) {
    number = PyDict_GetItemString(object.ptr(), "id");  // borrowed
    if (!number.is_valid()) throw_type_error("a block's dict must hold 'id'");
  }
  if (!PyLong_Check(number.ptr()))
    throw_type_error("a block must be the dict of allocate_from_pool() or its 'id', not " +
                     std::string(nb::type_name(number.type()).c_str()));
  const unsigned long long id = PyLong_AsUnsignedLongLong(number.ptr());
  if (PyErr_Occurred() == nullptr) return id;
  PyErr_Clear();
  throw ErrorException(Error{ErrorCode::kStaleHandle,
                             0,
                             "no block has the id " + std::string(nb::str(number).c_str()),
                             {}});
}

Target target_argument(nb::handle object, const std::shared_ptr<HeldPool>& pool,
                       const Device* device) {
  if (const PyBuffer* buffer = nullptr; nb::try_cast(object, buffer) && buffer != nullptr) {
    Target target{.buffer = buffer->get()};
    if (target.buffer->device().get() != device)
      throw_invalid("the buffer belongs to another device than the ring");
    return target;
  }
  if (const PyBlock* block = nullptr; nb::try_cast(object, block) && block != nullptr)
    return {.pool = block->pool(), .block = block->handle()};
  if (pool != nullptr && (PyDict_Check(object.ptr()) || PyLong_Check(object.ptr())))
    return {.pool = pool, .block = HeldPool::handle_of(block_id(object))};
  throw_type_error(
      "a transfer needs a forge3d.Buffer, a forge3d.PoolAllocation or a block of "
      "forge3d.memory.allocate_from_pool(), not " +
      std::string(nb::type_name(object.type()).c_str()));
}

}  // namespace forge3d::python
