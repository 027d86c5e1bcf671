// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#version 450

// Writes single words of the page table; src/streaming/table_scatter.cpp sends them.

layout(local_size_x = 64) in;
layout(set = 0, binding = 0, std430) writeonly buffer Table { uint table[]; };
layout(set = 0, binding = 1, std430) readonly buffer Changes { uvec2 changes[]; };  // index, value
layout(push_constant) uniform Count { uint count; };

void main() {
  const uint i = gl_GlobalInvocationID.x;
  if (i < count) table[changes[i].x] = changes[i].y;
}
