// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "core/stream_copy.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace forge3d {
namespace {

TEST(StreamCopy, CopiesAnySizeFromAnyToAnyAddressAndNothingElse) {
  std::mt19937 random(1);
  std::vector<std::byte> source(5000), target(5000);
  for (std::byte& b : source) b = static_cast<std::byte>(random());
  for (int i = 0; i < 3000; ++i) {
    const std::size_t from = random() % 200, to = random() % 200;
    const std::size_t size = random() % (i % 2 == 0 ? 200 : 4700);
    std::vector<std::byte> expected = target;
    std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(from), size,
                expected.begin() + static_cast<std::ptrdiff_t>(to));
    stream_copy(target.data() + to, source.data() + from, size);
    ASSERT_EQ(target, expected) << size << " bytes from " << from << " to " << to;
  }
}

}  // namespace
}  // namespace forge3d
