// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/copy_plan.hpp"

#include <algorithm>

#include "memory/hazard_tracker.hpp"

namespace forge3d {
namespace {

// Reads and writes of one image layer need different layouts: they conflict wherever they lie.
CopyAccess access_of(const CopyRecord& record, bool whole_compressed_levels) {
  CopyAccess access{.resource = record.resource, .write = !record.is_read()};
  if (!record.is_image()) {
    access.begin = {record.offset_bytes, 0, 0};
    access.end = {record.offset_bytes + record.size_bytes, 1, 1};
    return access;
  }
  const CopyDetail& detail = *record.detail;
  const VkBufferImageCopy& copy = detail.image;
  access.level = copy.imageSubresource.mipLevel;
  access.layout = detail.layout == VK_IMAGE_LAYOUT_GENERAL ? 0 : (access.write ? 1 : 2);
  const auto x = static_cast<std::uint64_t>(copy.imageOffset.x);
  const auto y = static_cast<std::uint64_t>(copy.imageOffset.y);
  // One of the two is 0.
  const std::uint64_t layer =
      copy.imageSubresource.baseArrayLayer + static_cast<std::uint64_t>(copy.imageOffset.z);
  access.begin = {x, y, layer};
  access.end = {x + copy.imageExtent.width, y + copy.imageExtent.height, layer + 1};
  if (whole_compressed_levels && detail.block_compressed) {
    access.begin = {0, 0, layer};
    access.end = {detail.image_width, detail.image_height, layer + 1};
  }
  return access;
}

// One resource's records, in order.
using Group = std::span<const std::uint32_t>;

// The common case: buffer uploads that do not touch each other. Sorting finds it in n log n.
bool are_disjoint_uploads(std::span<const CopyRecord> records, Group group) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  ranges.reserve(group.size());
  bool rising = true;
  for (const std::uint32_t index : group) {
    const CopyRecord& record = records[index];
    if (record.kind != CopyKind::kUploadBuffer) return false;
    rising = rising && (ranges.empty() || ranges.back().second <= record.offset_bytes);
    ranges.emplace_back(record.offset_bytes, record.offset_bytes + record.size_bytes);
  }
  if (rising) return true;
  std::sort(ranges.begin(), ranges.end());
  for (std::size_t i = 1; i < ranges.size(); ++i)
    if (ranges[i].first < ranges[i - 1].second) return false;
  return true;
}

void plan_group(std::span<const CopyRecord> records, Group group, bool whole_compressed_levels,
                std::vector<CopyPlan::Step>& steps) {
  if (group.size() == 1 || are_disjoint_uploads(records, group)) {
    for (const std::uint32_t index : group) steps.push_back({0, index});
    return;
  }
  HazardTracker hazards;
  std::uint32_t phase = 0;
  for (const std::uint32_t index : group) {
    if (hazards.add(access_of(records[index], whole_compressed_levels))) ++phase;
    steps.push_back({phase, index});
  }
}

// The most common submission: uploads to buffers, each behind the one before it. False: it is not
// one of those.
bool plan_rising_uploads(std::span<const CopyRecord> records, std::vector<CopyPlan::Step>& steps) {
  const CopyRecord* last = nullptr;
  for (const CopyRecord& record : records) {
    if (record.kind == CopyKind::kNothing) continue;
    if (record.kind != CopyKind::kUploadBuffer) return false;
    if (last != nullptr && (record.resource < last->resource ||
                            (record.resource == last->resource &&
                             record.offset_bytes < last->offset_bytes + last->size_bytes)))
      return false;
    steps.push_back({0, static_cast<std::uint32_t>(&record - records.data())});
    last = &record;
  }
  return true;
}

}  // namespace

CopyPlan CopyPlan::of(std::span<const CopyRecord> records, bool whole_compressed_levels) {
  CopyPlan plan;
  plan.steps.reserve(records.size());
  if (plan_rising_uploads(records, plan.steps)) return plan;
  plan.steps.clear();
  std::vector<std::uint32_t> order;
  order.reserve(records.size());
  bool sorted = true;
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    if (records[i].kind == CopyKind::kNothing) continue;
    sorted = sorted && (order.empty() || records[order.back()].resource <= records[i].resource);
    order.push_back(i);
  }
  const auto by_resource = [&](std::uint32_t a, std::uint32_t b) {
    return records[a].resource < records[b].resource;
  };
  if (!sorted) std::stable_sort(order.begin(), order.end(), by_resource);

  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && records[order[end]].resource == records[order[begin]].resource)
      ++end;
    plan_group(records, Group(order).subspan(begin, end - begin), whole_compressed_levels,
               plan.steps);
    begin = end;
  }
  const auto by_phase = [](const Step& a, const Step& b) { return a.phase < b.phase; };
  if (!std::is_sorted(plan.steps.begin(), plan.steps.end(), by_phase))
    std::stable_sort(plan.steps.begin(), plan.steps.end(), by_phase);
  return plan;
}

}  // namespace forge3d
