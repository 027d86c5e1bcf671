// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Device: one Vulkan device with its queues, memory and ledger; created here or adopted from an
// engine.

#include <vulkan/vulkan_core.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "forge3d/budget.hpp"
#include "forge3d/format.hpp"
#include "forge3d/log.hpp"
#include "forge3d/result.hpp"
#include "forge3d/staging_tuning.hpp"
#include "forge3d/timeline.hpp"

struct VolkDeviceTable;

namespace forge3d {

enum class QueueKind : std::uint8_t {
  kGraphics,  ///< Graphics, compute and transfer; always there.
  kTransfer,  ///< The dedicated transfer family where the device has one, else the graphics queue
              ///< itself.
};

/// Names a Buffer or DeviceImage for as long as it exists. The default names none and always counts
/// as alive: resources that forge3d did not make.
struct ResourceId {
  std::uint64_t value = 0;
  friend bool operator==(const ResourceId&, const ResourceId&) = default;
};

/// A point on a queue's timeline: reached when the submission has finished.
struct Ticket {
  QueueKind queue = QueueKind::kGraphics;
  Serial serial;
};

enum class DeviceKind : std::uint8_t { kAny, kDiscrete, kIntegrated, kSoftware };
[[nodiscard]] std::string_view to_string(DeviceKind kind);

/// How Device::create chooses and opens.
struct DeviceDesc {
  /// kAny takes discrete, then integrated, then software. The environment variable FORGE3D_DEVICE
  /// ("discrete", "integrated", "software", or part of a device's name) wins over `kind` and
  /// `name`.
  DeviceKind kind = DeviceKind::kAny;
  std::string name;  ///< Part of the device's name, case ignored; empty for any.
  bool validation =
      false;  ///< Khronos validation with synchronization checks; messages are counted and logged.
  BudgetLimits limits;
  LogCallback log;
  std::string debug_name = "forge3d";
};

/// An engine's own Vulkan objects. They stay the engine's: forge3d destroys none of them.
struct ExternalDevice {
  PFN_vkGetInstanceProcAddr get_instance_proc_addr = nullptr;
  VkInstance instance = VK_NULL_HANDLE;
  VkPhysicalDevice physical_device = VK_NULL_HANDLE;
  VkDevice device = VK_NULL_HANDLE;  ///< Created with timelineSemaphore enabled.
  VkQueue graphics_queue = VK_NULL_HANDLE;
  std::uint32_t graphics_family = 0;
  VkQueue transfer_queue = VK_NULL_HANDLE;  ///< Null: none.
  std::uint32_t transfer_family = 0;
  std::uint32_t api_version = VK_API_VERSION_1_2;  ///< What the instance was created with.
  bool debug_utils = false;           ///< VK_EXT_debug_utils is enabled on the instance.
  bool external_memory_host = false;  ///< VK_EXT_external_memory_host is enabled on the device.
  bool cube_arrays = false;           ///< imageCubeArray is enabled on the device.
  BudgetLimits limits;
  LogCallback log;
};

/// What was found when the device was opened.
struct DeviceInfo {
  std::string name;
  std::string driver;
  DeviceKind kind = DeviceKind::kSoftware;
  std::uint32_t api_version = 0;
  std::uint32_t vendor_id = 0, device_id = 0;
  bool adopted = false;
  bool dedicated_transfer_queue = false;
  bool unified_memory = false;  ///< Every heap is device-local: one copy serves CPU and GPU.
  bool texture_compression_bc = false, texture_compression_etc2 = false,
       texture_compression_astc = false;
  bool cube_arrays = false;                 ///< imageCubeArray
  bool memory_budget = false;               ///< VK_EXT_memory_budget
  bool external_memory_host = false;        ///< VK_EXT_external_memory_host
  std::uint64_t host_import_alignment = 0;  ///< Of imported pages; 0 without the extension.
  bool host_image_copy = false;             ///< VK_EXT_host_image_copy
  bool sparse_residency = false;
  bool debug_utils = false;
  bool validation = false;
  std::uint32_t graphics_family = 0, transfer_family = 0;
  /// The transfer queue copies any part of an image, not just whole levels or large tiles.
  bool fine_transfer_granularity = false;
  VkPhysicalDeviceLimits limits{};
  VkPhysicalDeviceMemoryProperties memory{};
};

/// Who touches a piece of memory; decides the memory type.
enum class MemoryUse : std::uint8_t {
  kDevice,        ///< Device-local, not mapped.
  kUpload,        ///< Mapped, written by the CPU in order; coherent where possible.
  kReadback,      ///< Mapped, read by the CPU; cached where possible.
  kDeviceMapped,  ///< Device-local, and mapped where the device offers that (unified memory,
                  ///< resizable BAR); else as kDevice.
};

class Device;
class LifetimeTable;

/// One vkAllocateMemory under the ledger; freed and given back with the object. Move-only. Keeps
/// its device alive.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  DeviceMemory(DeviceMemory&& other) noexcept { swap(other); }
  DeviceMemory& operator=(DeviceMemory&& other) noexcept {
    DeviceMemory(std::move(other)).swap(*this);
    return *this;
  }
  ~DeviceMemory();

  [[nodiscard]] VkDeviceMemory handle() const { return memory_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  /// The mapping; nullptr when it is not mapped. Persistent.
  [[nodiscard]] std::byte* mapped() const { return mapped_; }
  [[nodiscard]] bool coherent() const { return coherent_; }
  /// Makes CPU writes visible / GPU writes readable in a range, rounded to nonCoherentAtomSize;
  /// nothing to do when coherent.
  [[nodiscard]] Result<> flush(std::uint64_t offset_bytes, std::uint64_t size_bytes) const;
  [[nodiscard]] Result<> invalidate(std::uint64_t offset_bytes, std::uint64_t size_bytes) const;
  explicit operator bool() const { return memory_ != VK_NULL_HANDLE; }
  void swap(DeviceMemory& other) noexcept;

 private:
  friend class Device;
  [[nodiscard]] VkMappedMemoryRange atom_range(std::uint64_t offset_bytes,
                                               std::uint64_t size_bytes) const;
  std::shared_ptr<const Device> device_;
  VkDeviceMemory memory_ = VK_NULL_HANDLE;
  std::uint64_t size_bytes_ = 0;
  std::byte* mapped_ = nullptr;
  MemoryCategory category_ = MemoryCategory::kOther;
  bool host_visible_ = false;
  bool coherent_ = true;
};

struct AllocateDesc {
  VkMemoryRequirements requirements{};
  MemoryUse use = MemoryUse::kDevice;
  MemoryCategory category = MemoryCategory::kOther;
  VkBuffer dedicated_buffer = VK_NULL_HANDLE;  ///< At most one of the two.
  VkImage dedicated_image = VK_NULL_HANDLE;
  std::string_view debug_name;
};

/// One queue and its timeline. Thread-safe.
class Queue {
 public:
  struct SubmitDesc {
    std::span<const VkCommandBuffer> command_buffers;
    std::span<const Ticket>
        waits;  ///< All commands wait for these. Tickets of this queue need not be named.
  };
  /// Submits and returns the serial the timeline reaches when all of it is done. Errors:
  /// kDeviceLost, kOutOfHostMemory, kOutOfDeviceMemory; after an error nothing was submitted.
  [[nodiscard]] Result<Serial> submit(const SubmitDesc& desc);
  /// The highest finished serial. Errors: kDeviceLost.
  [[nodiscard]] Result<Serial> completed() const;
  [[nodiscard]] Serial last_submitted() const {
    return {last_submitted_.load(std::memory_order_acquire)};
  }
  /// Blocks until `serial` is reached. Errors: kTimeout after `timeout_ns`, kDeviceLost,
  /// kInvalidArgument for a serial that was never submitted.
  /// For the first `spin_ns` it polls, which notices sooner than sleeping does.
  [[nodiscard]] Result<> wait(Serial serial, std::uint64_t timeout_ns,
                              std::uint64_t spin_ns = 0) const;

  [[nodiscard]] VkQueue handle() const { return queue_; }
  [[nodiscard]] std::uint32_t family() const { return family_; }
  [[nodiscard]] VkSemaphore timeline() const { return timeline_; }

 private:
  friend class Device;
  friend class DeviceBuilder;
  Device* device_ = nullptr;
  VkQueue queue_ = VK_NULL_HANDLE;
  std::uint32_t family_ = 0;
  VkSemaphore timeline_ = VK_NULL_HANDLE;
  std::mutex mutex_;  // vkQueueSubmit is externally synchronised
  std::atomic<std::uint64_t> last_submitted_{0};
  mutable std::atomic<std::uint64_t> completed_{0};
};

/// The device. Thread-safe. Objects made from it hold a shared_ptr, so teardown works in any order.
class Device : public std::enable_shared_from_this<Device> {
 public:
  /// Opens a device of its own. Errors: kNotSupported (no Vulkan loader, no device of the kind with
  /// Vulkan 1.2 and timeline semaphores; the message lists what was found), kOutOfHostMemory,
  /// kDeviceLost.
  [[nodiscard]] static Result<std::shared_ptr<Device>> create(const DeviceDesc& desc = {});
  /// Wraps an engine's device. Errors: kInvalidArgument (a null handle), kNotSupported.
  [[nodiscard]] static Result<std::shared_ptr<Device>> adopt(const ExternalDevice& external);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] const DeviceInfo& info() const { return info_; }
  [[nodiscard]] Budget& budget() const { return budget_; }
  [[nodiscard]] Queue& queue(QueueKind kind) const;
  [[nodiscard]] VkDevice handle() const { return device_; }
  [[nodiscard]] VkInstance instance() const { return instance_; }
  [[nodiscard]] VkPhysicalDevice physical_device() const { return physical_device_; }
  /// The device's own function table; internals and engines that want the same dispatch include
  /// <volk.h> first.
  [[nodiscard]] const VolkDeviceTable& vk() const { return *table_; }

  /// Allocates under the ledger, maps for kUpload and kReadback. Errors: kBudgetExceeded,
  /// kOutOfDeviceMemory, kOutOfHostMemory, kNotSupported (no fitting memory type), kDeviceLost.
  [[nodiscard]] Result<DeviceMemory> allocate(const AllocateDesc& desc) const;
  /// The memory type that allocate() takes for these bits and use.
  [[nodiscard]] std::optional<std::uint32_t> memory_type(std::uint32_t type_bits,
                                                         MemoryUse use) const;

  /// True when optimal-tiling images of the format can be sampled, with linear filtering. `volume`:
  /// 3D images.
  [[nodiscard]] bool can_sample(Format format, bool volume = false) const;

  /// Tickets: has it been reached, and waiting for it. Errors: as Queue's.
  [[nodiscard]] Result<bool> is_complete(Ticket ticket) const;
  [[nodiscard]] Result<> wait(Ticket ticket, std::uint64_t timeout_ns) const;
  /// Waits until all queues are idle. Errors: kDeviceLost.
  [[nodiscard]] Result<> wait_idle() const;

  /// False once the Buffer or DeviceImage was destroyed.
  [[nodiscard]] bool is_alive(ResourceId id) const;
  /// What a staging ring's calibration found on this device; later rings start with it.
  [[nodiscard]] std::optional<StagingTuning> staging_tuning() const;
  void remember(const StagingTuning& tuning) const;

  [[nodiscard]] bool is_lost() const { return lost_.load(std::memory_order_acquire); }
  /// Names an object for tools and validation messages; does nothing without VK_EXT_debug_utils.
  void set_debug_name(VkObjectType type, std::uint64_t handle, std::string_view name) const;
  /// Labels a stretch of a command buffer; does nothing without VK_EXT_debug_utils.
  void begin_label(VkCommandBuffer commands, const char* name) const;
  void end_label(VkCommandBuffer commands) const;

  /// Validation messages of severity warning and error so far; always 0 without validation.
  [[nodiscard]] std::uint64_t validation_messages() const { return validation_messages_.load(); }
  void log(LogLevel level, std::string_view line) const;

  /// Turns a VkResult into an Error that names `what`, and remembers a lost device. REQUIRES:
  /// result < 0.
  [[nodiscard]] Error error(VkResult result, std::string_view what) const;

 private:
  friend class DeviceMemory;
  friend class DeviceBuilder;
  friend struct DeviceTestAccess;
  friend class Buffer;
  friend class DeviceImage;
  Device();
  [[nodiscard]] ResourceId begin_lifetime() const;
  void end_lifetime(ResourceId id) const;
  [[nodiscard]] Result<DeviceMemory> allocate(const AllocateDesc& desc, std::uint32_t type,
                                              const void* chain) const;
  DeviceInfo info_;
  mutable Budget budget_;
  LogCallback log_;
  VkInstance instance_ = VK_NULL_HANDLE;
  VkPhysicalDevice physical_device_ = VK_NULL_HANDLE;
  VkDevice device_ = VK_NULL_HANDLE;
  VkDebugUtilsMessengerEXT messenger_ = VK_NULL_HANDLE;
  std::unique_ptr<VolkDeviceTable> table_;
  struct InstanceFunctions;
  std::unique_ptr<InstanceFunctions> instance_functions_;
  std::unique_ptr<LifetimeTable> lifetimes_;
  mutable std::mutex tuning_mutex_;
  mutable std::optional<StagingTuning> staging_tuning_;
  mutable Queue graphics_;
  mutable Queue transfer_;
  mutable std::atomic<bool> lost_{false};
  std::atomic<std::uint64_t> validation_messages_{0};
  std::function<void(LogLevel, std::string_view)> report_;  // what the debug messenger calls
};

}  // namespace forge3d
