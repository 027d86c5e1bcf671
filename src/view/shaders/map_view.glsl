// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
//
// A texture in a plane under a camera, one invocation a pixel. map_view.comp samples a virtual
// texture, map_view_feedback.comp also says which pages it wants, map_view_reference.comp samples
// the same texture with every texel resident; nothing else differs.
// src/view/cpu_reference.cpp is the same arithmetic in C++.

#define FORGE3D_VT_PAGE_TABLE_BINDING 0
#define FORGE3D_VT_ATLAS_BINDING 1
#ifdef FORGE3D_FEEDBACK
#define FORGE3D_VT_FEEDBACK_BINDING 4
#include "forge3d_vt_feedback.glsl"
#else
#include "forge3d_vt.glsl"
#endif

layout(local_size_x = 8, local_size_y = 8) in;
layout(set = 0, binding = 2, rgba8) uniform writeonly restrict image2D target;

// src/view/map_constants.hpp
layout(push_constant) uniform Constants {
  vec4 plane_u;     // (u - u0) * s by pixel right, pixel down, at the viewport's centre; u0
  vec4 plane_v;     // the same for v
  vec4 plane_s;     // s: one over the distance along the view axis, up to a positive factor; 0
  vec4 background;  // as sampled: linear where the texture is sRGB
  ivec2 extent;
  float max_anisotropy;
  float lod_bias;
  uint texture_index;
  uint srgb;
}
view;

#ifdef FORGE3D_REFERENCE
layout(set = 0, binding = 3) uniform sampler2D picture;

vec4 sample_picture(vec2 uv, vec2 duv_dx, vec2 duv_dy) {
  vec2 size = vec2(textureSize(picture, 0));
  Forge3dFootprint f = forge3d_footprint(size, duv_dx, duv_dy, view.max_anisotropy);
  float lod = clamp(f.lod + view.lod_bias, 0.0, float(textureQueryLevels(picture) - 1));
  vec4 sum = vec4(0.0);
  for (int i = 0; i < f.taps; ++i) {
    float offset = float(i) + 0.5 - 0.5 * float(f.taps);
    sum += textureLod(picture, clamp(uv + offset * f.step_uv, vec2(0.0), vec2(1.0)), lod);
  }
  return sum / float(f.taps);
}
#else
vec4 sample_picture(vec2 uv, vec2 duv_dx, vec2 duv_dy) {
#ifdef FORGE3D_FEEDBACK
  forge3d_vt_feedback(view.texture_index, uv, duv_dx, duv_dy, view.max_anisotropy, view.lod_bias,
                      gl_GlobalInvocationID.xy);
#endif
  return forge3d_vt_sample_grad(view.texture_index, uv, duv_dx, duv_dy, view.max_anisotropy,
                                view.lod_bias);
}
#endif

vec3 srgb_from_linear(vec3 c) {
  return mix(1.055 * pow(c, vec3(1.0 / 2.4)) - 0.055, 12.92 * c, lessThanEqual(c, vec3(0.0031308)));
}

void main() {
  ivec2 pixel = ivec2(gl_GlobalInvocationID.xy);
  if (any(greaterThanEqual(pixel, view.extent))) return;
  vec3 p = vec3(vec2(pixel) + 0.5 - 0.5 * vec2(view.extent), 1.0);
  vec4 colour = view.background;
  float s = dot(view.plane_s.xyz, p);
  if (s > 0.0) {
    // Relative to the point at the screen's centre, so that single precision keeps its digits.
    vec2 d = vec2(dot(view.plane_u.xyz, p), dot(view.plane_v.xyz, p)) / s;
    vec2 uv = vec2(view.plane_u.w, view.plane_v.w) + d;
    if (all(greaterThanEqual(uv, vec2(0.0))) && all(lessThanEqual(uv, vec2(1.0)))) {
      vec2 duv_dx = (vec2(view.plane_u.x, view.plane_v.x) - d * view.plane_s.x) / s;
      vec2 duv_dy = (vec2(view.plane_u.y, view.plane_v.y) - d * view.plane_s.y) / s;
      vec4 texel = sample_picture(uv, duv_dx, duv_dy);
      colour = vec4(mix(view.background.rgb, texel.rgb, texel.a),
                    mix(view.background.a, 1.0, texel.a));
    }
  }
  colour = clamp(colour, 0.0, 1.0);
  if (view.srgb != 0u) colour.rgb = srgb_from_linear(colour.rgb);
  // Rounded here, so that the image's own conversion has nothing left to decide.
  imageStore(target, pixel, floor(colour * 255.0 + 0.5) / 255.0);
}
