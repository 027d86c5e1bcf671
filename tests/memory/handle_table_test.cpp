// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/handle_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace forge3d {
namespace {

TEST(HandleTable, AReleasedHandleStaysStaleWhileItsPlaceIsUsedAgain) {
  HandleTable<std::string> table;
  const PoolHandle first = table.insert("first");
  EXPECT_EQ(table.release(first), "first");
  const PoolHandle second = table.insert("second");
  EXPECT_EQ(second.index, first.index);
  EXPECT_EQ(table.find(first), nullptr);
  EXPECT_EQ(*table.find(second), "second");
}

TEST(HandleTable, TheLastReferenceGivesTheValue) {
  HandleTable<std::string> table;
  const PoolHandle handle = table.insert("value");
  EXPECT_TRUE(table.retain(handle));
  EXPECT_EQ(table.release(handle), std::nullopt);
  EXPECT_NE(table.find(handle), nullptr);
  EXPECT_EQ(table.release(handle), "value");
  EXPECT_EQ(table.size(), 0u);
}

TEST(HandleTable, AWornOutPlaceIsNeverUsedAgain) {
  HandleTable<int> table(3);
  std::vector<PoolHandle> old;
  for (int i = 0; i < 10; ++i) {
    old.push_back(table.insert(i));
    ASSERT_TRUE(table.release(old.back()));
  }
  for (std::size_t i = 0; i < old.size(); ++i) {
    EXPECT_EQ(table.find(old[i]), nullptr);
    for (std::size_t k = 0; k < i; ++k)
      EXPECT_FALSE(old[i] == old[k]) << "no handle is ever given twice";
  }
}

TEST(HandleTable, NullAndForeignHandlesAreNotFound) {
  HandleTable<int> table;
  EXPECT_EQ(table.find({}), nullptr);
  EXPECT_EQ(table.find({7, 1}), nullptr);
  (void)table.insert(1);
  EXPECT_EQ(table.find({0, 2}), nullptr);
  EXPECT_EQ(table.find({0, 0}), nullptr);
}

}  // namespace
}  // namespace forge3d
