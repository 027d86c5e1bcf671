// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#version 450

// Every texel of a 2D view as the device decodes it, unfiltered.

layout(local_size_x = 8, local_size_y = 8) in;
layout(set = 0, binding = 0, std430) writeonly buffer Texels { vec4 texels[]; };
layout(set = 0, binding = 1) uniform sampler2D picture;
layout(push_constant) uniform Extent { uvec2 extent; };

void main() {
  const uvec2 at = gl_GlobalInvocationID.xy;
  if (any(greaterThanEqual(at, extent))) return;
  texels[at.y * extent.x + at.x] = texelFetch(picture, ivec2(at), 0);
}
