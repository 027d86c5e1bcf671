// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/tile_stack.hpp"

namespace forge3d::streaming {
namespace {

class TileStack final : public TileSource {
 public:
  TileStack(std::span<const std::shared_ptr<TileSource>> sources, std::span<const TileLayer> layers)
      : sources_(sources.begin(), sources.end()), layers_(layers.begin(), layers.end()) {}

  [[nodiscard]] const TilePyramid& pyramid() const override { return sources_.front()->pyramid(); }
  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      FORGE3D_TRY(sources_[i]->read_tile(address, out.first(layers_[i].tile_bytes)));
      out = out.subspan(layers_[i].tile_bytes);
    }
    return {};
  }
  [[nodiscard]] std::string name() const override {
    std::string names;
    for (const auto& source : sources_) names += (names.empty() ? "" : " + ") + source->name();
    return names;
  }

 private:
  std::vector<std::shared_ptr<TileSource>> sources_;
  std::vector<TileLayer> layers_;
};

}  // namespace

std::uint64_t bytes_of(std::span<const TileLayer> layers) {
  std::uint64_t sum = 0;
  for (const TileLayer& layer : layers) sum += layer.tile_bytes;
  return sum;
}

std::shared_ptr<TileSource> stack_tiles(std::span<const std::shared_ptr<TileSource>> sources,
                                        std::span<const TileLayer> layers) {
  if (sources.size() == 1) return sources.front();
  return std::make_shared<TileStack>(sources, layers);
}

}  // namespace forge3d::streaming
