// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Feedback: which pages of virtual textures the shaders of a frame sampled, told by the device.

#include <vulkan/vulkan_core.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "forge3d/device.hpp"
#include "forge3d/staging_ring.hpp"
#include "forge3d/tile_source.hpp"

namespace forge3d {

/// A page that shaders sampled, and how often. As the device wrote it: the texture may be gone by
/// now, and what a faulty shader wrote may name no page at all; VirtualTextureSystem::add_feedback
/// sorts that out.
struct FeedbackPage {
  static constexpr std::uint32_t kGenerationBits = 10;
  std::uint32_t texture = 0;     ///< VirtualTextureSystem::shader_index().
  std::uint32_t generation = 0;  ///< The low bits of VirtualTextureId::generation.
  TileAddress tile;
  std::uint32_t pixels = 0;  ///< Pixels that asked for it; each stands for 64 on the screen.
  friend bool operator==(const FeedbackPage&, const FeedbackPage&) = default;
};

/// What became of the pages handed to VirtualTextureSystem::add_feedback.
struct FeedbackCounts {
  std::uint64_t accepted = 0;      ///< Different pages that exist.
  std::uint64_t out_of_range = 0;  ///< No such texture, level or page.
  std::uint64_t stale = 0;         ///< Of a texture that was removed since.
  std::uint64_t duplicates = 0;    ///< Named before in the same call; their pixels are added.
};

struct FeedbackDesc {
  std::shared_ptr<Device> device;
  std::shared_ptr<StagingRing> ring;  ///< With a readback ring.
  /// Different pages a frame can ask for, about: 12 bytes each are cleared and read back every
  /// frame. Rounded up to a power of two. 64..2^20.
  std::uint32_t capacity_pages = 8192;
  std::string debug_name = "feedback";
};

struct FeedbackStats {
  std::uint64_t frames = 0;     ///< begin() calls.
  std::uint64_t read = 0;       ///< Frames whose pages take() has returned.
  std::uint64_t skipped = 0;    ///< Frames that were not read back: take() was not called for long.
  std::uint64_t requests = 0;   ///< Pixels' requests in the frames read.
  std::uint64_t dropped = 0;    ///< Of them, those that found no room on the device.
  std::uint64_t malformed = 0;  ///< Entries that forge3d_vt_feedback.glsl cannot have written.
};

/// A buffer (category feedback) that shaders write requests into with forge3d_vt_feedback.glsl:
/// one pixel of each 8 x 8 block a frame, duplicates united on the device. Serves all textures of
/// one system, and any number of draws and dispatches a frame. Reading back is asynchronous and
/// never stalls: what frame n asked for is there when frame n is done. Not thread-safe.
class Feedback {
 public:
  /// Errors: kInvalidArgument (null, capacity), Device::allocate's.
  [[nodiscard]] static Result<std::unique_ptr<Feedback>> create(const FeedbackDesc& desc);
  /// REQUIRES: no submission uses the buffer any more. Waits for the readbacks in flight.
  ~Feedback();

  /// Records the clearing of the buffer, with its barriers before and behind: on the graphics
  /// queue, outside render passes, before all that writes requests in this frame.
  void begin(VkCommandBuffer commands);
  /// After the frame's submissions, and before the next frame's: starts reading back. Errors:
  /// StagingRing::readback's and flush's.
  [[nodiscard]] Result<> end();
  /// The pages of the frames that have come back since the last call, each page once, sorted by
  /// texture, generation and address. Never waits. Errors: kDeviceLost, Readback's.
  [[nodiscard]] Result<std::vector<FeedbackPage>> take();

  /// What to bind as a storage buffer. The same in every frame.
  [[nodiscard]] VkDescriptorBufferInfo binding() const;
  [[nodiscard]] const FeedbackStats& stats() const;
  /// Bytes held from the ledger.
  [[nodiscard]] std::uint64_t size_bytes() const;

 private:
  Feedback();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace forge3d
