// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "forge3d/virtual_texture.hpp"
#include "gpu/compute_pipeline.hpp"
#include "streaming/system_test_access.hpp"
#include "streaming/test_sources.hpp"
#include "streaming/test_views.hpp"
#include "support/test_device.hpp"

namespace forge3d {
namespace {

using gpu::ComputePipeline;

constexpr std::uint64_t kPatienceNs = 30'000'000'000;
constexpr std::uint32_t kSampleLayers[] =
#include "shaders/sample_layers.comp.inc"
    ;

/// A pattern of its own for each layer.
class LayerSource final : public test::FailingSource {
 public:
  LayerSource(std::uint32_t layer, std::uint32_t width, std::uint32_t height, std::uint32_t page,
              Format format)
      : FailingSource(width, height, page, format), layer_(layer) {}
  [[nodiscard]] std::string name() const override { return "layer " + std::to_string(layer_); }
  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    FORGE3D_TRY(FailingSource::read_tile(address, out));
    fill(layer_, address, out);
    return {};
  }
  static void fill(std::uint32_t layer, TileAddress address, std::span<std::byte> out) {
    PatternSource::fill({address.level + 100 * layer, address.x, address.y}, out);
  }

 private:
  std::uint32_t layer_;
};

class VirtualTextureLayers : public testing::Test {
 protected:
  void open(std::vector<Format> formats, std::uint32_t page_texels) {
    device_ = test::open_device();
    ASSERT_NE(device_, nullptr);
    auto ring = StagingRing::create(device_);
    ASSERT_TRUE(ring) << ring.error().to_string();
    ring_ = *ring;
    desc_.device = device_;
    desc_.ring = ring_;
    desc_.layer_formats = std::move(formats);
    desc_.page_texels = page_texels;
    desc_.atlas_bytes = 4 * kMebibyte;
    desc_.max_textures = 4;
    auto system = VirtualTextureSystem::create(desc_);
    ASSERT_TRUE(system) << system.error().to_string();
    system_ = std::move(*system);
  }
  std::vector<std::shared_ptr<TileSource>> sources(std::uint32_t width, std::uint32_t height) {
    std::vector<std::shared_ptr<TileSource>> result;
    layers_.clear();
    for (const Format format : desc_.layer_formats) {
      const auto layer = static_cast<std::uint32_t>(layers_.size());
      layers_.push_back(
          std::make_shared<LayerSource>(layer, width, height, desc_.page_texels, format));
      result.push_back(layers_.back());
    }
    return result;
  }
  void settle(const VirtualView& view) {
    const auto settled = system_->settle({&view, 1}, kPatienceNs);
    ASSERT_TRUE(settled) << settled.error().to_string();
  }
  /// 8 x 8 texels of level 0 in each of three layers, as the shader samples them.
  std::vector<std::byte> sample(VirtualTextureId texture, std::uint32_t first,
                                std::uint32_t stride) {
    const VirtualTextureBindings bound = system_->bindings();
    EXPECT_EQ(bound.layers, 3u);
    EXPECT_EQ(bound.layer_atlas[0], bound.atlas);
    auto out = Buffer::create(
        device_, {.size_bytes = 64 * 3 * 4,
                  .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT});
    EXPECT_TRUE(out);
    const std::array bindings{
        ComputePipeline::Binding{0, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER},
        ComputePipeline::Binding{1, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER},
        ComputePipeline::Binding{2, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER},
        ComputePipeline::Binding{3, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER},
        ComputePipeline::Binding{4, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER}};
    const std::array constants{*system_->shader_index(texture), first, stride};
    auto pipeline = ComputePipeline::create(
        device_,
        {.code = kSampleLayers, .bindings = bindings, .push_constant_bytes = sizeof(constants)});
    EXPECT_TRUE(pipeline) << pipeline.error().to_string();
    std::vector<ComputePipeline::Write> writes{
        {.number = 0, .buffer = {bound.page_table, 0, VK_WHOLE_SIZE}},
        {.number = 4, .buffer = {out->handle(), 0, VK_WHOLE_SIZE}}};
    for (std::uint32_t i = 0; i < 3; ++i)
      writes.push_back(
          {.number = 1 + i,
           .image = {bound.sampler, bound.layer_atlas.at(i), VK_IMAGE_LAYOUT_GENERAL}});
    pipeline->write_set(0, writes);
    auto recorder = CommandRecorder::create(device_, QueueKind::kGraphics);
    EXPECT_TRUE(recorder);
    const auto commands = recorder->begin();
    EXPECT_TRUE(commands);
    pipeline->record(*commands, 0, std::as_bytes(std::span(constants)), 1, 1);
    const auto ticket = recorder->submit();
    EXPECT_TRUE(ticket);
    system_->frame_submitted(*ticket);
    auto readback = ring_->readback(region_of(*out), out->size_bytes());
    EXPECT_TRUE(readback);
    const auto texels = readback->get();
    EXPECT_TRUE(texels);
    return texels ? std::vector<std::byte>(texels->begin(), texels->end())
                  : std::vector<std::byte>{};
  }
  void expect_slots_hold_their_tiles() {
    const std::vector<AtlasSlot> slots = system_->atlas_slots();
    for (std::uint32_t i = 0; i < slots.size(); ++i) {
      if (!slots[i].used) continue;
      for (std::uint32_t layer = 0; layer < layers_.size(); ++layer) {
        auto readback = ring_->readback(VirtualTextureTestAccess::region(*system_, i, layer));
        ASSERT_TRUE(readback) << readback.error().to_string();
        const auto bytes = readback->get();
        ASSERT_TRUE(bytes);
        std::vector<std::byte> expected(layers_[layer]->pyramid().tile_bytes());
        LayerSource::fill(layer, slots[i].tile, expected);
        ASSERT_TRUE(std::equal(expected.begin(), expected.end(), bytes->begin(), bytes->end()))
            << "slot " << i << " layer " << layer;
      }
    }
  }

  VirtualTextureSystemDesc desc_;
  std::shared_ptr<Device> device_;
  std::shared_ptr<StagingRing> ring_;
  std::unique_ptr<VirtualTextureSystem> system_;
  std::vector<std::shared_ptr<LayerSource>> layers_;
};

TEST_F(VirtualTextureLayers, AlbedoNormalAndHeightShareSlots) {
  open({Format::kBC7Srgb, Format::kBC5Unorm, Format::kBC4Unorm}, 128);
  const auto id = system_->add(sources(3000, 2100));
  ASSERT_TRUE(id) << id.error().to_string();
  std::mt19937 random(5);
  for (int i = 0; i < 6; ++i) {
    VirtualView view = test::random_view(random, 3000, 2100, 320, 180);
    view.texture = *id;
    settle(view);
  }
  expect_slots_hold_their_tiles();

  const VirtualTextureStats stats = system_->stats();
  const std::uint64_t tile_bytes = 34 * 34 * (16 + 16 + 8);
  EXPECT_EQ(stats.memory_used_bytes, stats.slots_used * tile_bytes);
  EXPECT_EQ(stats.memory_limit_bytes, stats.slots_total * tile_bytes);
  EXPECT_GE(stats.atlas_bytes, stats.memory_limit_bytes);
  EXPECT_LE(stats.atlas_bytes, desc_.atlas_bytes);
  EXPECT_GT(stats.slots_total, 80u);
  EXPECT_EQ(device_->budget().stats().by_category_bytes[std::size_t(MemoryCategory::kAtlas)],
            stats.atlas_bytes);
  for (const auto& layer : layers_) EXPECT_EQ(layer->reads(), layers_[0]->reads());
  EXPECT_EQ(system_->desc().format, Format::kBC7Srgb) << "that of the first layer";
}

TEST_F(VirtualTextureLayers, OneLookAtTheTableServesAllLayersInTheShader) {
  struct Case {
    std::uint32_t extent, first, stride;
  };
  // All levels flat; and a level of 64 x 64 pages, where four blocks of the table meet.
  for (const Case& c : {Case{384, 0, 47}, Case{4096, 1900, 31}}) {
    open({Format::kRGBA8Unorm, Format::kRGBA8Unorm, Format::kRGBA8Unorm}, 64);
    const auto id = system_->add(sources(c.extent, c.extent));
    ASSERT_TRUE(id) << id.error().to_string();
    const double begin = double(c.first) / c.extent;
    const double end = double(c.first + 8 * c.stride) / c.extent;
    VirtualView view = test::flat_view(begin, begin, end, end, 8 * c.stride, 8 * c.stride);
    view.texture = *id;
    settle(view);
    const std::vector<std::byte> texels = sample(*id, c.first, c.stride);
    ASSERT_EQ(texels.size(), 64u * 3 * 4);

    const TilePyramid& p = layers_[0]->pyramid();
    std::vector<std::byte> tile(p.tile_bytes());
    for (std::uint32_t i = 0; i < 64; ++i)
      for (std::uint32_t layer = 0; layer < 3; ++layer) {
        const std::uint32_t x = c.first + i % 8 * c.stride, y = c.first + i / 8 * c.stride;
        LayerSource::fill(layer, {0, x / 64, y / 64}, tile);
        const std::size_t texel = (y % 64 + 4) * p.tile_texels() + x % 64 + 4;
        for (std::size_t k = 0; k < 4; ++k)
          ASSERT_NEAR(int(texels[(i * 3 + layer) * 4 + k]), int(tile[texel * 4 + k]), 2)
              << "texel " << x << ", " << y << " layer " << layer;
      }
  }
}

TEST_F(VirtualTextureLayers, APageIsThereWhenAllItsLayersAre) {
  open({Format::kRGBA8Unorm, Format::kBC4Unorm}, 64);
  const auto both = sources(256, 256);
  layers_[1]->fails = [](TileAddress tile) { return tile == TileAddress{0, 1, 1}; };
  const auto id = system_->add(both);
  ASSERT_TRUE(id) << id.error().to_string();
  VirtualView view = test::flat_view(0, 0, 1, 1, 256, 256);
  view.texture = *id;
  settle(view);
  EXPECT_TRUE(system_->is_resident(*id, {0, 0, 1}));
  EXPECT_FALSE(system_->is_resident(*id, {0, 1, 1}));
  const VirtualTextureStats stats = system_->stats();
  EXPECT_GE(stats.tiles_failed, 1u);
  ASSERT_FALSE(stats.errors.empty());
  EXPECT_NE(stats.errors.back().find("layer 0 + layer 1: level 0 page (1, 1)"), std::string::npos)
      << stats.errors.back();
  expect_slots_hold_their_tiles();
}

TEST_F(VirtualTextureLayers, RefusesSourcesThatAreNotItsLayers) {
  open({Format::kRGBA8Unorm, Format::kBC4Unorm}, 64);
  const auto both = sources(256, 256), larger = sources(512, 256);
  const auto code_of = [&](std::vector<std::shared_ptr<TileSource>> given) {
    const auto added = system_->add(given);
    return added ? ErrorCode::kInternal : added.error().code;
  };
  EXPECT_EQ(system_->add(both[0]).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of({}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of({both[0], both[1], both[1]}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of({both[1], both[0]}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of({both[0], nullptr}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of({both[0], larger[1]}), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(system_->add(both));
  desc_.layer_formats.assign(5, Format::kRGBA8Unorm);
  EXPECT_EQ(VirtualTextureSystem::create(desc_).error().code, ErrorCode::kInvalidArgument);
  desc_.layer_formats = {Format::kRGBA8Unorm, Format::kUndefined};
  EXPECT_FALSE(VirtualTextureSystem::create(desc_));
}

}  // namespace
}  // namespace forge3d
