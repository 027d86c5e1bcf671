// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#version 460
#extension GL_GOOGLE_include_directive : require

// Samples three layers at 64 texel centres of level 0, from `first` on and `stride` texels apart.

#define FORGE3D_VT_LAYERS 3
#include "forge3d_vt.glsl"

layout(local_size_x = 8, local_size_y = 8) in;
layout(set = 0, binding = 4, std430) writeonly buffer Texels { uint texels[]; };
layout(push_constant) uniform Constants { uint texture_index; uint first; uint stride; };

void main() {
  const uvec2 at = gl_GlobalInvocationID.xy;
  const vec2 uv = (vec2(at * stride + first) + 0.5) / vec2(forge3d_vt_size(texture_index));
  const Forge3dVtTexels found = forge3d_vt_trilinear_layers(texture_index, uv, 0.0);
  for (int layer = 0; layer < FORGE3D_VT_LAYERS; ++layer)
    texels[(at.y * 8u + at.x) * FORGE3D_VT_LAYERS + layer] = packUnorm4x8(found.layers[layer]);
}
