// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the blocks of a document become tests: scripts/check_docs.py makes a class of the blocks
// below each heading, derived from the `Surroundings` of the document, whose members the blocks
// may name. A member `after_HEADING()` is called at the end of that heading's blocks.

#include <gtest/gtest.h>

#include <filesystem>
#include <forge3d/compress.hpp>
#include <forge3d/map_view.hpp>
#include <forge3d/memory_pool.hpp>
#include <forge3d/pmtiles.hpp>
#include <forge3d/staging_ring.hpp>
#include <forge3d/texture_loader.hpp>
#include <forge3d/tiler.hpp>
#include <numeric>

#include "support/shared_data.hpp"
#include "support/test_device.hpp"

namespace forge3d::docs {

/// A folder of its own as the current one, a device under validation, and what is made of them.
class Place {
 public:
  Place() : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(folder_.path());
  }
  ~Place() { std::filesystem::current_path(before_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  test::TempFolder folder_;
  std::filesystem::path before_;
};

/// An RGB picture with smooth and sharp parts.
inline Image make_picture(std::uint32_t width, std::uint32_t height, std::uint32_t channels = 3) {
  Image image = make_image({.width = width, .height = height, .channels = channels}).value();
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x)
      for (std::uint32_t c = 0; c < channels; ++c)
        image.row(y)[x * channels + c] = static_cast<std::byte>(c == 3   ? 255
                                                                : c == 0 ? x * 255 / width
                                                                         : (x * y >> (c + 2)));
  return image;
}

inline std::vector<std::byte> make_bytes(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 2654435761u >> 13);
  return bytes;
}

class SectionTest : public ::testing::Test {
 public:
  explicit SectionTest(Result<> (*blocks)()) : blocks_(blocks) {}

 private:
  void TestBody() override {
    const Place place;
    const Result<> done = blocks_();
    if (!done) ADD_FAILURE() << done.error().to_string();
  }
  Result<> (*blocks_)();
};

template <class Section>
Result<> run_section() {
  Section section;
  FORGE3D_TRY(section.set_up());
  return section.run();
}

/// Registers the blocks below one heading as a test.
template <class Section>
bool add_section(const char* document, const char* heading) {
  ::testing::RegisterTest(document, heading, nullptr, nullptr, document, 1,
                          []() -> SectionTest* { return new SectionTest(run_section<Section>); });
  return true;
}

}  // namespace forge3d::docs
