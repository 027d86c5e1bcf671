// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
//
// Telling the system which pages a shader samples, for whatever has no VirtualView: curved and
// skinned surfaces, reflections, decals. Beside the set of forge3d_vt.glsl it needs one buffer:
//
//   #define FORGE3D_VT_FEEDBACK_BINDING 6     // optional, default 3
//   #include "forge3d_vt_feedback.glsl"       // includes forge3d_vt.glsl
//   ... forge3d_vt_feedback(texture, uv, dFdx(uv), dFdy(uv), 8.0, 0.0, uvec2(gl_FragCoord.xy)) ...
//
// Bind Feedback::binding(); record Feedback::begin() before the draws and call Feedback::end()
// after their submission. In a fragment shader, which needs the feature fragmentStoresAndAtomics,
// say `layout(early_fragment_tests) in;`, or hidden surfaces ask for pages, too.

#ifndef FORGE3D_VT_FEEDBACK_GLSL
#define FORGE3D_VT_FEEDBACK_GLSL

#include "forge3d_vt.glsl"

#ifndef FORGE3D_VT_FEEDBACK_BINDING
#define FORGE3D_VT_FEEDBACK_BINDING 3
#endif

// The layout of these words is src/streaming/feedback_layout.hpp; the two change together.
layout(std430, set = FORGE3D_VT_SET,
       binding = FORGE3D_VT_FEEDBACK_BINDING) buffer Forge3dVtFeedback {
  uint forge3d_vt_feedback_words[];
};

const uint kForge3dVtFeedbackMask = 0u;     // Header words: entries less one, a power of two less one;
const uint kForge3dVtFeedbackFrame = 1u;    // number of the frame;
const uint kForge3dVtFeedbackDropped = 2u;  // requests that found no entry.
const uint kForge3dVtFeedbackEntries = 4u;  // First entry:
const uint kForge3dVtFeedbackEntryWords = 3u;  // page, texture and level, pixels.
const uint kForge3dVtFeedbackProbes = 64u;

// The finaliser of MurmurHash3 (Appleby): every bit of the key changes half of the hash.
uint forge3d_vt_mix(uint key) {
  key = (key ^ (key >> 16u)) * 0x85ebca6bu;
  key = (key ^ (key >> 13u)) * 0xc2b2ae35u;
  return key ^ (key >> 16u);
}

// True for one pixel of each block of 8 x 8, another one each frame and all of them in 64 frames:
// in the order of a Bayer matrix, so that a few frames already lie evenly.
bool forge3d_vt_feedback_due(uvec2 pixel) {
  uint i = forge3d_vt_feedback_words[kForge3dVtFeedbackFrame];
  uint diagonal = i ^ (i >> 1u);
  uvec2 turn = uvec2(((i & 1u) << 2u) | ((i >> 1u) & 2u) | ((i >> 4u) & 1u),
                     ((diagonal & 1u) << 2u) | ((diagonal >> 1u) & 2u) | ((diagonal >> 4u) & 1u));
  return (pixel & 7u) == turn;
}

// Counts one request for a page. The entries are an open hash set without locks: a request takes a
// free entry's first word, then its second, and looks at the next entry when either shows another
// page. Words are never changed once set, so that all requests for a page end at the same entry.
void forge3d_vt_request(uint texture_index, uint level, uvec2 page) {
  uint generation = forge3d_vt_words[kForge3dVtRecords + texture_index * kForge3dVtRecordWords + 3u];
  uint low = 0x80000000u | (page.y << 15u) | page.x;
  uint high = 0x80000000u | ((generation & 1023u) << 21u) | (texture_index << 5u) | level;
  uint mask = forge3d_vt_feedback_words[kForge3dVtFeedbackMask];
  uint at = forge3d_vt_mix(low ^ forge3d_vt_mix(high));
  for (uint probe = 0u; probe < kForge3dVtFeedbackProbes; ++probe, ++at) {
    uint entry = kForge3dVtFeedbackEntries + (at & mask) * kForge3dVtFeedbackEntryWords;
    uint before = atomicCompSwap(forge3d_vt_feedback_words[entry], 0u, low);
    if (before != 0u && before != low) continue;
    before = atomicCompSwap(forge3d_vt_feedback_words[entry + 1u], 0u, high);
    if (before != 0u && before != high) continue;
    atomicAdd(forge3d_vt_feedback_words[entry + 2u], 1u);
    return;
  }
  atomicAdd(forge3d_vt_feedback_words[kForge3dVtFeedbackDropped], 1u);
}

// Says what forge3d_vt_sample_grad with the same arguments samples, when it is the pixel's turn: the
// pages of both levels under one of its taps, another one each time.
void forge3d_vt_feedback(uint texture_index, vec2 uv, vec2 duv_dx, vec2 duv_dy,
                         float max_anisotropy, float lod_bias, uvec2 pixel) {
  if (!forge3d_vt_feedback_due(pixel)) return;
  Forge3dVtTexture t = forge3d_vt_texture(texture_index);
  if (t.levels == 0u) return;
  Forge3dFootprint f = forge3d_footprint(vec2(t.size), duv_dx, duv_dy, max_anisotropy);
  uint random = forge3d_vt_mix(
      pixel.x ^ forge3d_vt_mix(pixel.y ^ forge3d_vt_mix(forge3d_vt_feedback_words[kForge3dVtFeedbackFrame])));
  float offset = float(random % uint(f.taps)) + 0.5 - 0.5 * float(f.taps);
  vec2 at = clamp(uv + offset * f.step_uv, vec2(0.0), vec2(1.0));
  float lod = clamp(f.lod + lod_bias, 0.0, float(t.levels - 1u));
  uint level = uint(lod);
  forge3d_vt_request(texture_index, level, forge3d_vt_page(t, at, level));
  if (lod > float(level))
    forge3d_vt_request(texture_index, level + 1u, forge3d_vt_page(t, at, level + 1u));
}

#endif  // FORGE3D_VT_FEEDBACK_GLSL
