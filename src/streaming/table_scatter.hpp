// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TableScatter: brings the device's page table up to date by copies of runs and one dispatch for
// all words that stand alone.

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "forge3d/resources.hpp"
#include "forge3d/staging_ring.hpp"
#include "gpu/compute_pipeline.hpp"
#include "streaming/page_table.hpp"

namespace forge3d::streaming {

struct TableScatterDesc {
  std::uint64_t table_bytes = 0;  ///< A multiple of 4.
  std::uint32_t most_words = 0;   ///< Single words a frame; 0: runs only.
  std::string debug_name;
};

/// Owns the table's buffer and the list of changes, both of category kPageTable. Move-only. Not
/// thread-safe. REQUIRES at destruction: no submission uses the buffers any more.
class TableScatter {
 public:
  struct Published {
    Ticket ticket;            ///< On the graphics queue: the table is as the words were.
    std::uint64_t bytes = 0;  ///< Sent through the ring.
  };

  /// Errors: Buffer::create's, ComputePipeline::create's.
  [[nodiscard]] static Result<TableScatter> create(std::shared_ptr<Device> device,
                                                   const TableScatterDesc& desc);

  /// Sends what changed in `table` since its clear_dirty(), behind all that the ring was given
  /// before, and clears it. Graphics work submitted later sees the new words, work submitted
  /// before the old ones. After an error the table stays dirty: what may have been sent is sent
  /// again. Errors: StagingRing::upload's and flush's, Queue::submit's.
  [[nodiscard]] Result<Published> publish(StagingRing& ring, PageTable& table);

  [[nodiscard]] const Buffer& table() const { return table_; }
  [[nodiscard]] std::uint64_t size_bytes() const {
    return table_.memory().size_bytes() + changes_.memory().size_bytes();
  }

 private:
  TableScatter() = default;
  [[nodiscard]] Result<Ticket> scatter(std::uint32_t count);

  std::shared_ptr<Device> device_;
  Buffer table_;
  Buffer changes_;
  gpu::ComputePipeline pipeline_;
  CommandRecorder recorder_;
  TableDelta delta_;
  std::uint32_t most_words_ = 0;
};

}  // namespace forge3d::streaming
