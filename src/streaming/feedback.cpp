// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/feedback.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <tuple>
#include <utility>

#include "gpu/vulkan.hpp"
#include "streaming/feedback_layout.hpp"

namespace forge3d {

using namespace streaming::feedback_layout;

namespace {

constexpr std::size_t kFramesInFlight = 4;
constexpr std::uint32_t kLeastPages = 64, kMostPages = 1u << 20;
constexpr std::uint64_t kWaitNs = 10'000'000'000;

auto order_of(const FeedbackPage& page) {
  return std::tuple(page.texture, page.generation, page.tile);
}

/// Pages of several frames become one, with the pixels of all.
void unite_duplicates(std::vector<FeedbackPage>& pages) {
  std::sort(pages.begin(), pages.end(),
            [](const FeedbackPage& a, const FeedbackPage& b) { return order_of(a) < order_of(b); });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < pages.size(); ++i)
    if (order_of(pages[i]) == order_of(pages[kept]))
      pages[kept].pixels += pages[i].pixels;
    else
      pages[++kept] = pages[i];
  if (!pages.empty()) pages.resize(kept + 1);
}

}  // namespace

struct Feedback::State {
  /// One frame on its way back.
  struct Frame {
    std::vector<std::uint32_t> words;
    std::optional<Readback> readback;  // null: free
  };

  FeedbackDesc desc;
  std::uint32_t entries = 0;
  Buffer buffer;
  std::array<Frame, kFramesInFlight> frames;
  std::size_t oldest = 0, in_flight = 0;
  Ticket last;  // of the last readback
  FeedbackStats stats;

  [[nodiscard]] std::size_t words() const {
    return kHeaderWords + std::size_t{entries} * kEntryWords;
  }
  void decode(std::span<const std::uint32_t> words, std::vector<FeedbackPage>& out);
};

Feedback::Feedback() : state_(std::make_unique<State>()) {}

Feedback::~Feedback() {
  if (state_->last.serial.value != 0) (void)state_->desc.device->wait(state_->last, kWaitNs);
}

Result<std::unique_ptr<Feedback>> Feedback::create(const FeedbackDesc& desc) {
  if (desc.device == nullptr || desc.ring == nullptr)
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: {} is null", desc.debug_name, desc.device == nullptr ? "device" : "ring"));
  if (desc.capacity_pages < kLeastPages || desc.capacity_pages > kMostPages)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: capacity_pages is {}, must be in {}..{}", desc.debug_name,
                            desc.capacity_pages, kLeastPages, kMostPages));
  std::unique_ptr<Feedback> feedback(new Feedback);
  State& state = *feedback->state_;
  state.desc = desc;
  state.entries = std::bit_ceil(desc.capacity_pages);
  FORGE3D_TRY_ASSIGN(state.buffer,
                     Buffer::create(desc.device, {.size_bytes = state.words() * 4,
                                                  .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT |
                                                           VK_BUFFER_USAGE_TRANSFER_DST_BIT |
                                                           VK_BUFFER_USAGE_TRANSFER_SRC_BIT,
                                                  .category = MemoryCategory::kFeedback,
                                                  .debug_name = desc.debug_name}));
  for (State::Frame& frame : state.frames) frame.words.resize(state.words());
  return feedback;
}

void Feedback::begin(VkCommandBuffer commands) {
  State& state = *state_;
  const Device& device = *state.desc.device;
  std::array<std::uint32_t, kHeaderWords> header{};
  header[kMaskWord] = state.entries - 1;
  header[kFrameWord] = static_cast<std::uint32_t>(state.stats.frames++);
  // The shaders and the readback of the frame before are done with the buffer.
  record_memory_barrier(device, commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                        VK_ACCESS_SHADER_WRITE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT,
                        VK_ACCESS_TRANSFER_WRITE_BIT);
  device.vk().vkCmdUpdateBuffer(commands, state.buffer.handle(), 0, sizeof(header), header.data());
  device.vk().vkCmdFillBuffer(commands, state.buffer.handle(), sizeof(header), VK_WHOLE_SIZE, 0);
  record_memory_barrier(device, commands, VK_PIPELINE_STAGE_TRANSFER_BIT,
                        VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                        VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
}

Result<> Feedback::end() {
  State& state = *state_;
  if (state.in_flight == kFramesInFlight) {
    ++state.stats.skipped;
    return {};
  }
  State::Frame& frame = state.frames[(state.oldest + state.in_flight) % kFramesInFlight];
  FORGE3D_TRY_ASSIGN(Readback readback,
                     state.desc.ring->readback(region_of(state.buffer),
                                               std::as_writable_bytes(std::span(frame.words))));
  // Handed to the graphics queue, so that the next frame clears the buffer behind it.
  FORGE3D_TRY_ASSIGN(state.last, state.desc.ring->flush());
  frame.readback.emplace(std::move(readback));
  ++state.in_flight;
  return {};
}

Result<std::vector<FeedbackPage>> Feedback::take() {
  State& state = *state_;
  std::vector<FeedbackPage> pages;
  while (state.in_flight > 0) {
    State::Frame& frame = state.frames[state.oldest];
    FORGE3D_TRY_ASSIGN(const bool ready, frame.readback->is_ready());
    if (!ready) break;
    FORGE3D_TRY(frame.readback->get(0));
    frame.readback.reset();
    state.oldest = (state.oldest + 1) % kFramesInFlight;
    --state.in_flight;
    state.decode(frame.words, pages);
  }
  unite_duplicates(pages);
  return pages;
}

void Feedback::State::decode(std::span<const std::uint32_t> all, std::vector<FeedbackPage>& out) {
  ++stats.read;
  stats.dropped += all[kDroppedWord];
  stats.requests += all[kDroppedWord];
  for (std::size_t at = kHeaderWords; at < all.size(); at += kEntryWords) {
    const auto entry = all.subspan(at, kEntryWords);
    if (entry[0] == 0 && entry[1] == 0 && entry[2] == 0) continue;
    const std::optional<FeedbackPage> page = page_of(entry);
    if (!page) {
      ++stats.malformed;
      continue;
    }
    stats.requests += page->pixels;
    out.push_back(*page);
  }
}

VkDescriptorBufferInfo Feedback::binding() const {
  return {state_->buffer.handle(), 0, VK_WHOLE_SIZE};
}

const FeedbackStats& Feedback::stats() const { return state_->stats; }

std::uint64_t Feedback::size_bytes() const { return state_->buffer.memory().size_bytes(); }

}  // namespace forge3d
