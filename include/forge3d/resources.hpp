// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Buffers and images with memory of their own: for the few large, long-lived ones. Many small ones
// go to a MemoryPool.

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "forge3d/device.hpp"

namespace forge3d {

struct BufferDesc {
  std::uint64_t size_bytes = 0;
  VkBufferUsageFlags usage = 0;
  MemoryUse memory = MemoryUse::kDevice;
  MemoryCategory category = MemoryCategory::kOther;
  std::string debug_name = "buffer";
};

/// A buffer in its own allocation. Move-only; the caller keeps it alive until the GPU is done with
/// it.
class Buffer {
 public:
  /// Errors: kInvalidArgument (zero size), and Device::allocate's.
  [[nodiscard]] static Result<Buffer> create(std::shared_ptr<const Device> device,
                                             const BufferDesc& desc);
  /// A buffer over the caller's own pages, which stay the caller's and must outlive it
  /// (VK_EXT_external_memory_host). It begins at the page that holds `bytes.front()`:
  /// imported_offset() bytes before it. Counted by the ledger as host-visible staging memory.
  /// Errors: kInvalidArgument (empty), kNotSupported (no extension, or the driver refuses the
  /// pages), kBudgetExceeded, kOutOfHostMemory.
  [[nodiscard]] static Result<Buffer> import_host(std::shared_ptr<const Device> device,
                                                  std::span<const std::byte> bytes,
                                                  VkBufferUsageFlags usage,
                                                  std::string_view debug_name = "imported");
  Buffer() = default;
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer(std::move(other)).swap(*this);
    return *this;
  }
  ~Buffer();
  void swap(Buffer& other) noexcept;

  [[nodiscard]] VkBuffer handle() const { return buffer_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  [[nodiscard]] const DeviceMemory& memory() const { return memory_; }
  /// The mapping, or the imported pages; empty when there is none.
  [[nodiscard]] std::span<std::byte> mapped() const;
  /// Where the imported bytes begin; 0 for buffers that were not imported.
  [[nodiscard]] std::uint64_t imported_offset() const { return imported_offset_; }
  [[nodiscard]] ResourceId id() const { return id_; }

 private:
  [[nodiscard]] Result<> create_over_pages(std::span<const std::byte> bytes,
                                           VkBufferUsageFlags usage);
  std::shared_ptr<const Device> device_;
  VkBuffer buffer_ = VK_NULL_HANDLE;
  std::uint64_t size_bytes_ = 0;
  std::byte* pages_ = nullptr;  // imported
  std::uint64_t imported_offset_ = 0;
  ResourceId id_;
  DeviceMemory memory_;
};

struct DeviceImageDesc {
  Format format = Format::kRGBA8Unorm;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t depth = 1;  ///< Above 1: a 3D image, of one layer.
  std::uint32_t levels = 1;
  std::uint32_t layers = 1;
  bool array_view = false;  ///< The view is 2D_ARRAY even for one layer.
  bool cube = false;        ///< layers is a multiple of 6, the view a cube (array).
  VkImageUsageFlags usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
  MemoryCategory category = MemoryCategory::kTexture;
  std::string debug_name = "image";
};

/// An optimally tiled 2D or 3D image in its own allocation, with a view of all of it. Move-only;
/// layout tracking is the caller's.
class DeviceImage {
 public:
  /// Errors: kInvalidArgument (zero extents), kNotSupported (format or extent beyond the device),
  /// and Device::allocate's.
  [[nodiscard]] static Result<DeviceImage> create(std::shared_ptr<const Device> device,
                                                  const DeviceImageDesc& desc);
  /// The bytes an image of this shape would take from the ledger. Errors: as create.
  [[nodiscard]] static Result<std::uint64_t> required_bytes(
      const std::shared_ptr<const Device>& device, const DeviceImageDesc& desc);
  DeviceImage() = default;
  DeviceImage(DeviceImage&& other) noexcept { swap(other); }
  DeviceImage& operator=(DeviceImage&& other) noexcept {
    DeviceImage(std::move(other)).swap(*this);
    return *this;
  }
  ~DeviceImage();
  void swap(DeviceImage& other) noexcept;

  [[nodiscard]] VkImage handle() const { return image_; }
  [[nodiscard]] VkImageView view() const { return view_; }
  [[nodiscard]] const DeviceImageDesc& desc() const { return desc_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return memory_.size_bytes(); }
  [[nodiscard]] ResourceId id() const { return id_; }

 private:
  std::shared_ptr<const Device> device_;
  ResourceId id_;
  DeviceImageDesc desc_;
  VkImage image_ = VK_NULL_HANDLE;
  VkImageView view_ = VK_NULL_HANDLE;
  DeviceMemory memory_;
};

/// Command buffers of one queue, recycled when their submission has finished. Not thread-safe: one
/// a thread.
class CommandRecorder {
 public:
  /// Errors: kOutOfHostMemory, kOutOfDeviceMemory.
  [[nodiscard]] static Result<CommandRecorder> create(std::shared_ptr<const Device> device,
                                                      QueueKind queue);
  CommandRecorder();
  CommandRecorder(CommandRecorder&&) noexcept;
  CommandRecorder& operator=(CommandRecorder&&) noexcept;
  ~CommandRecorder();  ///< Waits for what it submitted.

  /// Begins a one-time command buffer. REQUIRES: the one before was submitted. Errors: as create,
  /// kDeviceLost.
  [[nodiscard]] Result<VkCommandBuffer> begin();
  /// Ends and submits it. Errors: as Queue::submit; the recorder can begin again.
  [[nodiscard]] Result<Ticket> submit(std::span<const Ticket> waits = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A memory barrier for everything on the queue: what came before in `source` is done and visible
/// to `destination`.
void record_memory_barrier(const Device& device, VkCommandBuffer commands,
                           VkPipelineStageFlags source_stages, VkAccessFlags source_access,
                           VkPipelineStageFlags destination_stages,
                           VkAccessFlags destination_access);

/// A layout transition of a whole colour image behind a full execution dependency.
void record_layout_transition(const Device& device, VkCommandBuffer commands, VkImage image,
                              VkImageLayout old_layout, VkImageLayout new_layout);

}  // namespace forge3d
