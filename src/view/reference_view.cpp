// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <limits>

#include "forge3d/codec.hpp"
#include "forge3d/map_view.hpp"
#include "view/cpu_reference.hpp"
#include "view/map_pass.hpp"
#include "view/resident_picture.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kDecodedBytes = 256 * kMebibyte;
constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

}  // namespace

struct ReferenceView::State {
  Desc desc;
  Method method = Method::kCpu;
  std::unique_ptr<view::DecodedTiles> tiles;  // kCpu
  std::shared_ptr<StagingRing> ring;          // kDevice, all below
  std::unique_ptr<view::ResidentPicture> picture;
  std::unique_ptr<view::MapPass> pass;  // last: its frames in flight sample the picture

  Result<> open_cpu() {
    const Format format = desc.source->pyramid().format;
    if (!can_decode(format))
      return fail(ErrorCode::kNotSupported,
                  fmt::format("reference view: {} cannot be decoded", format_info(format)->name));
    method = Method::kCpu;
    tiles = std::make_unique<view::DecodedTiles>(desc.source, kDecodedBytes);
    return {};
  }

  Result<std::shared_ptr<Device>> open_device() const {
    DeviceDesc device = desc.device;
    device.limits = {kNoLimit, kNoLimit};
    device.debug_name = "reference view";
    return Device::create(device);
  }

  Result<> open_picture(const std::shared_ptr<Device>& device) {
    method = Method::kDevice;
    FORGE3D_TRY_ASSIGN(ring, StagingRing::create(device));
    FORGE3D_TRY_ASSIGN(picture, view::ResidentPicture::create(device, *ring, *desc.source));
    FORGE3D_TRY_ASSIGN(pass, view::MapPass::create(device, view::MapPass::Picture::kResident,
                                                   desc.width, desc.height));
    return {};
  }

  /// True when kAuto takes the device: it holds the picture within max_device_bytes, and is not one
  /// that decodes BC7 texel by texel, which costs it four times what it costs the CPU path.
  bool suits(const std::shared_ptr<Device>& device) const {
    const Format format = with_srgb(desc.source->pyramid().format, false);
    if (device->info().kind == DeviceKind::kSoftware && format == Format::kBC7Unorm) return false;
    const auto bytes = DeviceImage::required_bytes(
        device, view::ResidentPicture::image_desc(desc.source->pyramid()));
    return bytes && *bytes <= desc.max_device_bytes;
  }

  Result<> open() {
    if (desc.method == Method::kCpu) return open_cpu();
    Result<std::shared_ptr<Device>> device = open_device();
    if (desc.method == Method::kAuto && !(device && suits(*device))) return open_cpu();
    if (!device) return tl::unexpected(std::move(device).error());
    return open_picture(*device);
  }
};

ReferenceView::ReferenceView() : state_(std::make_unique<State>()) {}
ReferenceView::~ReferenceView() = default;

Result<std::unique_ptr<ReferenceView>> ReferenceView::create(const Desc& desc) {
  if (desc.source == nullptr) return fail(ErrorCode::kInvalidArgument, "reference view: no source");
  if (desc.width == 0 || desc.height == 0)
    return fail(ErrorCode::kInvalidArgument, "reference view: the extent is empty");
  std::unique_ptr<ReferenceView> view(new ReferenceView);
  view->state_->desc = desc;
  FORGE3D_TRY(view->state_->open());
  return view;
}

Result<Image> ReferenceView::render(const VirtualView& virtual_view) {
  State& state = *state_;
  if (virtual_view.width != state.desc.width || virtual_view.height != state.desc.height)
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("reference view: a view of {} x {}, must be {} x {}", virtual_view.width,
                    virtual_view.height, state.desc.width, state.desc.height));
  FORGE3D_TRY_ASSIGN(const view::MapConstants constants,
                     view::make_map_constants(virtual_view, state.desc.source->pyramid().format,
                                              state.desc.background));
  if (state.method == Method::kCpu) return view::render_on_cpu(*state.tiles, constants, 0);
  FORGE3D_TRY(state.pass->render({VK_NULL_HANDLE, state.picture->view(), state.picture->sampler()},
                                 constants));
  return state.pass->read_pixels(*state.ring);
}

ReferenceView::Method ReferenceView::method() const { return state_->method; }

}  // namespace forge3d
