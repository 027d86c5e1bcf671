// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// forge3d.MemoryPool and forge3d.PoolAllocation.

#include <memory>
#include <utility>

#include "held_pool.hpp"
#include "life.hpp"

namespace forge3d::python {

/// forge3d.MemoryPool.
class PyPool : public Owned<HeldPool> {
 public:
  explicit PyPool(std::shared_ptr<HeldPool> pool) : Owned("MemoryPool", std::move(pool)) {}
};

/// forge3d.PoolAllocation: one block, released with the object.
class PyBlock : public Live {
 public:
  PyBlock(std::shared_ptr<HeldPool> pool, PoolHandle handle)
      : Live("PoolAllocation"), pool_(std::move(pool)), handle_(handle) {}
  ~PyBlock() override { finish(); }
  /// Throws Closed.
  [[nodiscard]] std::shared_ptr<HeldPool> pool() const {
    require_open();
    return pool_;
  }
  [[nodiscard]] PoolHandle handle() const { return handle_; }

 protected:
  void drop() override;

 private:
  std::shared_ptr<HeldPool> pool_;
  PoolHandle handle_;
};

/// What a defragmentation did, with the keys of MemoryPoolManager.defragment().
[[nodiscard]] nb::dict moves_dict(const PoolMoves& moves);

/// A block as the dict id, size, offset, pool_id.
[[nodiscard]] nb::object block_dict(const PoolAllocation& at);

void bind_pool(nb::module_& module);

}  // namespace forge3d::python
