// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/table_scatter.hpp"

#include <array>
#include <utility>

namespace forge3d::streaming {
namespace {

constexpr std::uint32_t kCode[] =
#include "shaders/scatter_words.comp.inc"
    ;
constexpr std::uint32_t kGroupWords = 64;  // local_size_x of scatter_words.comp
constexpr std::uint32_t kTable = 0, kChanges = 1;

using gpu::ComputePipeline;

constexpr std::array<ComputePipeline::Binding, 2> kBindings{
    {{kTable, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER}, {kChanges, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER}}};

Result<Buffer> make_buffer(const std::shared_ptr<Device>& device, std::uint64_t size_bytes,
                           std::string debug_name) {
  // Source, too: what the device has can be read back and compared.
  return Buffer::create(
      device, {.size_bytes = size_bytes,
               .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT |
                        VK_BUFFER_USAGE_TRANSFER_SRC_BIT,
               .category = MemoryCategory::kPageTable,
               .debug_name = std::move(debug_name)});
}

}  // namespace

Result<TableScatter> TableScatter::create(std::shared_ptr<Device> device,
                                          const TableScatterDesc& desc) {
  TableScatter scatter;
  scatter.device_ = std::move(device);
  scatter.most_words_ = desc.most_words;
  FORGE3D_TRY_ASSIGN(scatter.table_, make_buffer(scatter.device_, desc.table_bytes,
                                                 desc.debug_name + " page table"));
  if (desc.most_words == 0) return scatter;
  FORGE3D_TRY_ASSIGN(scatter.changes_,
                     make_buffer(scatter.device_, desc.most_words * sizeof(TableWord),
                                 desc.debug_name + " page table changes"));
  FORGE3D_TRY_ASSIGN(
      scatter.pipeline_,
      ComputePipeline::create(scatter.device_, {.code = kCode,
                                                .bindings = kBindings,
                                                .push_constant_bytes = sizeof(std::uint32_t),
                                                .debug_name = "page table scatter"}));
  scatter.pipeline_.write_set(
      0,
      std::array{ComputePipeline::Write{.number = kTable,
                                        .buffer = {scatter.table_.handle(), 0, VK_WHOLE_SIZE}},
                 ComputePipeline::Write{.number = kChanges,
                                        .buffer = {scatter.changes_.handle(), 0, VK_WHOLE_SIZE}}});
  FORGE3D_TRY_ASSIGN(scatter.recorder_,
                     CommandRecorder::create(scatter.device_, QueueKind::kGraphics));
  return scatter;
}

Result<TableScatter::Published> TableScatter::publish(StagingRing& ring, PageTable& table) {
  table.find_changes(most_words_, delta_);
  Published published;
  const auto words = std::as_bytes(table.words());
  for (const DirtyRange& range : delta_.ranges) {
    FORGE3D_TRY(ring.upload(region_of(table_, range.offset_bytes),
                            words.subspan(range.offset_bytes, range.size_bytes)));
    published.bytes += range.size_bytes;
  }
  const auto changes = std::as_bytes(std::span(delta_.words));
  if (!changes.empty()) {
    FORGE3D_TRY(ring.upload(region_of(changes_), changes));
    published.bytes += changes.size();
  }
  FORGE3D_TRY_ASSIGN(published.ticket, ring.flush());
  if (!changes.empty()) {
    FORGE3D_TRY_ASSIGN(published.ticket, scatter(static_cast<std::uint32_t>(delta_.words.size())));
  }
  table.clear_dirty();
  return published;
}

// One list of changes does for all frames in flight: the ring's copies wait for earlier work of the
// graphics queue, the last dispatch included.
Result<Ticket> TableScatter::scatter(std::uint32_t count) {
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, recorder_.begin());
  device_->begin_label(commands, "page table scatter");
  // Frames submitted before must have read the old words, in whatever stage they sample; the ring's
  // copies of runs and of the list must have landed.
  record_memory_barrier(*device_, commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                        VK_ACCESS_TRANSFER_WRITE_BIT | VK_ACCESS_SHADER_WRITE_BIT,
                        VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                        VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
  pipeline_.record(commands, 0, std::as_bytes(std::span(&count, 1)),
                   (count + kGroupWords - 1) / kGroupWords, 1);
  // Any stage of a later frame may sample.
  record_memory_barrier(*device_, commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                        VK_ACCESS_SHADER_WRITE_BIT, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                        VK_ACCESS_SHADER_READ_BIT);
  device_->end_label(commands);
  return recorder_.submit();
}

}  // namespace forge3d::streaming
