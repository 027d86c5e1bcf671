// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PrefetchList: pages that were asked for beside what the views want, in the order of asking.

#include <cstddef>
#include <span>
#include <unordered_set>
#include <vector>

#include "streaming/page_key.hpp"

namespace forge3d::streaming {

/// No page twice. Not thread-safe.
class PrefetchList {
 public:
  /// False when it is listed already.
  bool add(const PageKey& page) {
    if (!listed_.insert(page).second) return false;
    pages_.push_back(page);
    return true;
  }
  void remove(const PageKey& page) {
    if (listed_.erase(page) != 0) std::erase(pages_, page);
  }
  template <class Predicate>
  void remove_if(const Predicate& predicate) {
    std::erase_if(pages_, predicate);
    std::erase_if(listed_, predicate);
  }
  void forget_texture(std::uint32_t texture) {
    remove_if([texture](const PageKey& page) { return page.texture == texture; });
  }
  void clear() {
    pages_.clear();
    listed_.clear();
  }
  [[nodiscard]] bool contains(const PageKey& page) const { return listed_.contains(page); }
  [[nodiscard]] std::size_t size() const { return pages_.size(); }
  /// REQUIRES: count <= size().
  [[nodiscard]] std::span<const PageKey> first(std::size_t count) const {
    return std::span(pages_).first(count);
  }

 private:
  std::vector<PageKey> pages_;
  std::unordered_set<PageKey, PageKeyHash> listed_;
};

}  // namespace forge3d::streaming
