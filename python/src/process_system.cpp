// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "system.hpp"
#include "system_calls.hpp"

namespace forge3d::python {
namespace {

void bind_uploads(nb::module_& module) {
  module.def(
      "stage_upload",
      [](nb::handle data, nb::handle target_buffer, nb::handle offset) {
        return stage_upload(*process_system(), data, target_buffer, offset);
      },
      nb::arg("data"), nb::arg("target_buffer"), nb::arg("offset") = 0,
      nb::sig("def stage_upload(data: forge3d._types.ReadableBuffer, "
              "target_buffer: Buffer | PoolAllocation | forge3d._types.Block | int, "
              "offset: int = 0) -> int"),
      "Copies data towards a buffer or a block of the pool; the array may change when this "
      "returns. The id is for is_upload_complete(), wait_upload() and cancel_upload().");
  module.def(
      "is_upload_complete", [](nb::handle id) { return is_upload_complete(*process_system(), id); },
      nb::arg("upload_id"), nb::sig("def is_upload_complete(upload_id: int) -> bool"),
      "True when the last byte has landed. Submits the upload if that was not done yet.");
  module.def(
      "wait_upload",
      [](nb::handle id, double timeout_s) { wait_upload(*process_system(), id, timeout_s); },
      nb::arg("upload_id"), nb::arg("timeout_s") = 5.0,
      nb::sig("def wait_upload(upload_id: int, timeout_s: float = 5.0) -> None"),
      "Waits until the last byte has landed. Raises Timeout, DeviceLost, Cancelled.");
  module.def(
      "cancel_upload", [](nb::handle id) { return cancel_upload(*process_system(), id); },
      nb::arg("upload_id"), nb::sig("def cancel_upload(upload_id: int) -> bool"),
      "Takes back an upload of which nothing was submitted; False: it was, and goes on.");
  module.def(
      "start_readback",
      [](nb::handle source, nb::handle offset, nb::handle size, nb::handle out) {
        return start_readback(*process_system(), source, offset, size, out);
      },
      nb::arg("source"), nb::arg("offset") = 0, nb::arg("size").none() = nb::none(),
      nb::arg("out").none() = nb::none(),
      nb::sig("def start_readback(source: Buffer | PoolAllocation | forge3d._types.Block | "
              "int, offset: int = 0, size: int | None = None, "
              "out: forge3d._types.WritableBuffer | None = None) -> Readback"),
      "Starts reading back from a buffer or a block, after the uploads before; into out "
      "where it is given.");
}

void bind_blocks(nb::module_& module) {
  module.def(
      "allocate_from_pool",
      [](nb::handle size, bool required) {
        return allocate_from_pool(*process_system(), size, required);
      },
      nb::arg("size"), nb::kw_only(), nb::arg("required") = false,
      nb::sig("def allocate_from_pool(size: int, *, required: bool = False) "
              "-> forge3d._types.Block | None"),
      "A block of the pool: id, size (granted), offset, pool_id. None when pool or budget "
      "are exhausted; with required=True that raises BudgetExceeded with the reasons. The "
      "block may move when no transfer uses it.");
  module.def(
      "deallocate_pool_block",
      [](nb::handle block) { return deallocate_pool_block(*process_system(), block); },
      nb::arg("block_id"),
      nb::sig("def deallocate_pool_block(block_id: int | forge3d._types.Block) -> bool"),
      "Gives up one reference; the memory is free again after the last one, when transfers "
      "are done. False: there is no such block (any more).");
  module.def(
      "retain_pool_block", [](nb::handle block) { retain_pool_block(*process_system(), block); },
      nb::arg("block_id"),
      nb::sig("def retain_pool_block(block_id: int | forge3d._types.Block) -> None"),
      "One more reference to a block: one more deallocate_pool_block() frees it. Raises "
      "StaleHandle.");
  module.def(
      "find_pool_block", [](nb::handle block) { return find_pool_block(*process_system(), block); },
      nb::arg("block_id"),
      nb::sig("def find_pool_block(block_id: int | forge3d._types.Block) "
              "-> forge3d._types.Block | None"),
      "Where a block is now; None when there is none.");
}

}  // namespace

void bind_process_system(nb::module_& module) {
  bind_uploads(module);
  bind_blocks(module);
}

}  // namespace forge3d::python
