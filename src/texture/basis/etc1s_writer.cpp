// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/etc1s_writer.hpp"

namespace forge3d::basis {

namespace {

using MakeWriter = std::unique_ptr<RowWriter> (*)(const Etc1sPicture&);

MakeWriter maker(Format target) {
  switch (with_srgb(target, false)) {
    case Format::kRGBA8Unorm:
      return make_rgba8_writer;
    default:
      return nullptr;
  }
}

}  // namespace

bool can_write_etc1s(Format target) { return maker(target) != nullptr; }

std::unique_ptr<RowWriter> make_row_writer(const Etc1sPicture& picture, Format target) {
  const MakeWriter make = maker(target);
  return make == nullptr ? nullptr : make(picture);
}

}  // namespace forge3d::basis
